package dev.iovabitmap.vfio.sys;

import java.util.ArrayList;
import java.util.List;

/**
 * The open files of one process, as far as somebody here has a descriptor of them. Whoever opens or adopts a descriptor of the
 * same open file meets there what is remembered of it.
 */
public final class OpenFiles {
    private final Syscalls syscalls;
    private final List<OpenFile> files = new ArrayList<>();

    /**
     * Creates an empty list.
     *
     * @param syscalls who tells which file is which
     */
    public OpenFiles(Syscalls syscalls) {
        this.syscalls = syscalls;
    }

    /** Finds the file of a descriptor that somebody else opened, and counts the descriptor as one of it. */
    synchronized OpenFile adopt(int fd) {
        for (OpenFile file : files) {
            int known = file.descriptors().getFirst();
            if (known == fd || syscalls.sameFile(known, fd)) {
                file.descriptors().add(fd);
                return file;
            }
        }
        return opened(fd);
    }

    /** Takes note of a file that was just opened. */
    synchronized OpenFile opened(int fd) {
        OpenFile file = new OpenFile();
        file.descriptors().add(fd);
        files.add(file);
        return file;
    }

    /** Takes note that a descriptor is no longer used here. With the last one everything that is remembered of it ends. */
    synchronized void closed(OpenFile file, int fd) {
        file.descriptors().remove((Integer) fd);
        if (file.descriptors().isEmpty()) {
            files.remove(file);
        }
    }
}
