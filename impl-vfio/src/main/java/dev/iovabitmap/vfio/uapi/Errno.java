package dev.iovabitmap.vfio.uapi;

import java.util.Map;

/** The error numbers of Linux on the architectures that this runs on, by their names. */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int E2BIG = 7;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EFAULT = 14;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int EINVAL = 22;
    public static final int EMFILE = 24;
    public static final int ENOTTY = 25;
    public static final int ENOSPC = 28;
    public static final int EOVERFLOW = 75;
    public static final int EBADFD = 77;
    public static final int EMSGSIZE = 90;
    public static final int EADDRINUSE = 98;
    public static final int EOPNOTSUPP = 95;
    public static final int ENOTCONN = 107;

    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(EPERM, "EPERM"),
            Map.entry(ENOENT, "ENOENT"),
            Map.entry(EINTR, "EINTR"),
            Map.entry(EIO, "EIO"),
            Map.entry(E2BIG, "E2BIG"),
            Map.entry(EBADF, "EBADF"),
            Map.entry(EAGAIN, "EAGAIN"),
            Map.entry(ENOMEM, "ENOMEM"),
            Map.entry(EACCES, "EACCES"),
            Map.entry(EFAULT, "EFAULT"),
            Map.entry(EBUSY, "EBUSY"),
            Map.entry(EEXIST, "EEXIST"),
            Map.entry(ENODEV, "ENODEV"),
            Map.entry(EINVAL, "EINVAL"),
            Map.entry(EMFILE, "EMFILE"),
            Map.entry(ENOTTY, "ENOTTY"),
            Map.entry(ENOSPC, "ENOSPC"),
            Map.entry(EOVERFLOW, "EOVERFLOW"),
            Map.entry(EBADFD, "EBADFD"),
            Map.entry(EMSGSIZE, "EMSGSIZE"),
            Map.entry(EADDRINUSE, "EADDRINUSE"),
            Map.entry(EOPNOTSUPP, "EOPNOTSUPP"),
            Map.entry(ENOTCONN, "ENOTCONN"));

    private Errno() {}

    /** {@return the name, such as EINVAL, or the number if it has none here} */
    public static String name(int errno) {
        return NAMES.getOrDefault(errno, Integer.toString(errno));
    }
}
