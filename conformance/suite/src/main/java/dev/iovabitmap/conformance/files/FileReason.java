package dev.iovabitmap.conformance.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What went wrong with a file, in words. The message of most file exceptions is nothing but the path. */
public final class FileReason {
    private FileReason() {}

    /** {@return it, as the end of a sentence} */
    public static String of(IOException failed) {
        return switch (failed) {
            case FileAlreadyExistsException file -> "'" + file.getFile() + "' is no directory";
            case NoSuchFileException missing -> "the system has no place for '" + missing.getFile() + "'";
            case AccessDeniedException denied -> "no permission for '" + denied.getFile() + "'";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            default -> String.valueOf(failed.getMessage());
        };
    }
}
