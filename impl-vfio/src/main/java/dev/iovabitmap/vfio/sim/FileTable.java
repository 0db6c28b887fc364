package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.uapi.Errno;
import java.util.Map;
import java.util.TreeMap;

/** The descriptors of the one process that this kernel has. */
final class FileTable {
    /** Far from those of the real process: one that strays into a real call is EBADF there. */
    private static final int FIRST = 1 << 20;

    private static final int LIMIT = 1024;

    private final Map<Integer, OpenFile> files = new TreeMap<>();

    /** Gives a file the lowest free descriptor. */
    int install(OpenFile file) {
        KernelError.unless(files.size() < LIMIT, Errno.EMFILE);
        int fd = FIRST;
        while (files.containsKey(fd)) {
            fd++;
        }
        files.put(fd, file);
        file.get();
        return fd;
    }

    OpenFile get(int fd) {
        OpenFile file = files.get(fd);
        if (file == null) {
            throw new KernelError(Errno.EBADF);
        }
        return file;
    }

    /** Gives the file of a descriptor another one as well. */
    int duplicate(int fd) {
        return install(get(fd));
    }

    boolean isOpen(int fd) {
        return files.containsKey(fd);
    }

    /** The path of an open file, or what stands for none. */
    String pathOf(int fd) {
        OpenFile file = files.get(fd);
        return file == null ? "nothing" : file.path();
    }

    void close(int fd) {
        OpenFile file = get(fd);
        files.remove(fd);
        file.put();
    }

    int size() {
        return files.size();
    }
}
