package dev.iovabitmap.vfio;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.error.IoctlException;
import dev.iovabitmap.vfio.session.Session;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A session of dirty tracking by a kernel. Bitmaps take native and mapped memory of any alignment; one thread uses a bitmap at
 * a time, and different bitmaps of one session may be used by different threads. What one bitmap has taken, another does not
 * get.
 *
 * <p>A report that fails may have cleared what it did not deliver. Then every page of the bitmap is marked, the
 * {@link IoctlException} surfaces, and until tracking is stopped and started again every {@code forEach} of this session marks
 * its whole range and throws. The next session on the same device or address space reports every page once.
 */
public final class VfioTracker implements DirtyTracker {
    private final Session session;
    private final long askedPageSize;

    VfioTracker(Session session, long askedPageSize) {
        this.session = session;
        this.askedPageSize = askedPageSize;
    }

    /**
     * {@return what tracks: {@code log}, {@code type1}, {@code iommufd}, several of them joined by {@code and}, or {@code
     * nothing} while some device is not tracked, with which everything is dirty}
     */
    public String trackedBy() {
        return session.trackedBy();
    }

    /**
     * Returns what tracks a device at this moment. Of what was adopted this trusts the caller's lists.
     *
     * @param device the device
     * @return {@code log}, {@code type1}, {@code iommufd}, or {@code nothing}
     */
    public String trackedBy(VfioDevice device) {
        return session.trackedBy(device.device());
    }

    @Override
    public List<IovaRange> ranges() {
        return session.ranges();
    }

    @Override
    public long grantedPageSize() {
        return session.grantedPageSize(askedPageSize);
    }

    @Override
    public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
        return session.allocate(new IovaBitmapLayout(iova, length, pageSize), data, false);
    }

    @Override
    public IovaBitmap peek(long iova, long length, long pageSize, MemorySegment data) {
        return session.allocate(new IovaBitmapLayout(iova, length, pageSize), data, true);
    }

    /**
     * Stops tracking and releases everything. Dirt that no bitmap has taken is gone. Closing again does nothing.
     *
     * @throws IoctlException if the kernel refuses to stop; everything else is released
     */
    @Override
    public void close() {
        session.close();
    }
}
