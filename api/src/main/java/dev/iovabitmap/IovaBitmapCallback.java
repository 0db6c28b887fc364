package dev.iovabitmap;

import org.jspecify.annotations.Nullable;

/**
 * Reports the dirty pages of one window of a bitmap, by calling {@link IovaBitmap#set} for each of them. The counterpart
 * of the kernel's {@code iova_bitmap_fn_t}.
 *
 * <p>A lambda that throws a single checked exception keeps its type: {@link IovaBitmap#forEach} then throws that type. One
 * that throws two unrelated checked exceptions infers {@code X} as {@link Exception}, which the caller has to catch;
 * give {@code X} a common supertype explicitly, or wrap one of the two.
 *
 * @param <A> the type of the opaque argument
 * @param <X> what the callback throws; {@link RuntimeException} is inferred where it throws nothing checked
 */
@FunctionalInterface
public interface IovaBitmapCallback<A extends @Nullable Object, X extends Exception> {
    /**
     * Called once for each window, in ascending order.
     *
     * @param bitmap the bitmap that is iterated over, the very instance
     * @param iova the window's first address, unsigned
     * @param length the window's length in bytes, unsigned, never 0
     * @param opaque what the caller gave to {@code forEach}, the very instance
     * @throws X to end the iteration; bits that were set before stay set
     */
    void onRange(IovaBitmap bitmap, long iova, long length, A opaque) throws X;
}
