package dev.iovabitmap.kernel;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.words.Unsigned;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a report gives on a kernel that keeps the rules but for the deviations that are listed for it. Each of them is one
 * condition here, so that a case that differs from the rules is explained to the bit, or is not.
 */
final class KernelModel {
    private static final long PAGE = IovaBitmapLayout.BASE_PAGE_SIZE;
    private static final int MOST_PAGES = 512;

    private final Set<String> deviations;
    private final boolean windows;

    /**
     * Creates a model.
     *
     * @param deviations the ids of those that are listed for the kernel
     * @param windows whether it cuts reports into windows
     */
    KernelModel(Set<String> deviations, boolean windows) {
        this.deviations = deviations;
        this.windows = windows;
    }

    /**
     * What a report gives.
     *
     * @param result 0, or the negated error number
     * @param bits the bits that it sets, those behind the bitmap's end included
     * @param shown the deviations that made it so
     */
    record Outcome(int result, BitSet bits, Set<String> shown) {}

    /** {@return what a report gives whose arguments the rules refuse} */
    Outcome refusal(PublicCase each) {
        Set<String> shown = new TreeSet<>();
        if (each.length() == 0 && knows("length-0-accepted", shown)) {
            return new Outcome(0, new BitSet(), shown);
        }
        return new Outcome(wrapsOrTouchesTop(each) ? -Errno.EOVERFLOW : -Errno.EINVAL, new BitSet(), shown);
    }

    /** {@return what a report gives whose arguments are valid} */
    Outcome of(PublicCase each) {
        Set<String> shown = new TreeSet<>();
        if (Unsigned.less(each.pageSize(), PAGE) && knows("small-pages-refused", shown)) {
            return new Outcome(-Errno.EINVAL, new BitSet(), shown);
        }
        if (wrapsOrTouchesTop(each) && knows("top-refused", shown)) {
            return new Outcome(-Errno.EOVERFLOW, new BitSet(), shown);
        }
        BitSet bits = new BitSet();
        for (IovaRange set : each.sets()) {
            mark(each, set, bits, shown);
        }
        if (!each.limitsPages()) {
            return new Outcome(0, bits, shown);
        }
        bits.clear(Math.toIntExact(Math.max(0, each.pages() * PAGE - each.offset()) * Byte.SIZE), Integer.MAX_VALUE);
        return new Outcome(knows("pin-failure-silent", shown) ? 0 : -Errno.EFAULT, bits, shown);
    }

    private boolean knows(String id, Set<String> shown) {
        if (deviations.contains(id)) {
            shown.add(id);
            return true;
        }
        return false;
    }

    private static boolean wrapsOrTouchesTop(PublicCase each) {
        return !Unsigned.less(each.iova(), each.iova() + each.length());
    }

    private void mark(PublicCase each, IovaRange set, BitSet bits, Set<String> shown) {
        IovaBitmapLayout layout = each.layout();
        int bitCount = Math.toIntExact(layout.bitCount());
        boolean reaches =
                new IovaRange(each.iova(), each.length()).intersection(set).isPresent();
        long first = set.iova();
        if (Unsigned.less(first, each.iova())) {
            if (reaches && !knows("set-before-range", shown)) {
                bits.set(0, (int) Math.min(bitCount, ((set.lastIova() - each.iova()) >>> layout.pageShift()) + 1));
            }
            return;
        }
        long from = (first - each.iova()) >>> layout.pageShift();
        long to = (set.lastIova() - each.iova()) >>> layout.pageShift(); // may be behind the end
        int bytes = (bitCount + 7) / 8;
        if (!windows && from / 8 >= bytes) {
            return; // since it pins as it marks, the kernel sees that there is nothing to pin
        }
        long start = from & -8; // of what is pinned, in bits
        if (windows) {
            start = 0;
            for (IovaRange window : each.windows()) {
                long bit = (window.iova() - each.iova()) >>> layout.pageShift();
                start = bit <= from ? bit : start;
            }
        }
        long pinned = pinnedEnd(each, start, bytes);
        long end = Math.min(to + 1, bitCount);
        if (windows && pinned < end && knows("window-edge-lost", shown)) {
            end = pinned;
        }
        long stray = Math.min(to + 1, pinned);
        if (stray > Math.max(from, Math.max(end, bitCount)) && knows("set-past-end", shown)) {
            end = stray;
        }
        if (end > from) {
            bits.set(Math.toIntExact(from), Math.toIntExact(end));
        }
    }

    /** {@return the bit behind the last page of the bitmap that is pinned with the one of a bit} */
    private long pinnedEnd(PublicCase each, long start, int bytes) {
        long at = (each.offset() + start / 8) % PAGE;
        long pages = (bytes - start / 8 + PAGE - 1) / PAGE + (at == 0 ? 0 : 1);
        return start + (Math.min(pages, windows ? MOST_PAGES : Long.MAX_VALUE) * PAGE - at) * Byte.SIZE;
    }

    /** {@return the calls of the device that the kernel makes of a report} */
    List<IovaRange> callsOf(PublicCase each) {
        return windows ? each.windows() : List.of(new IovaRange(each.iova(), each.length()));
    }
}
