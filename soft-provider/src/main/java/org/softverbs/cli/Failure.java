package org.softverbs.cli;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Turns an exception into the one line that a user reads. */
final class Failure {

    private Failure() {}

    static String describe(Throwable failure) {
        return switch (failure) {
            case NoSuchFileException missing -> missing.getFile() + ": no such file";
            case AccessDeniedException denied -> denied.getFile() + ": permission denied";
            case FileSystemException e when e.getReason() != null ->
                    e.getFile() + ": " + e.getReason();
            case Throwable e when e.getMessage() != null -> oneLine(e.getMessage());
            default -> failure.getClass().getSimpleName();
        };
    }

    private static String oneLine(String message) {
        return message.lines().map(String::strip).reduce((a, b) -> a + "; " + b).orElse("");
    }
}
