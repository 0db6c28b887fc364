package dev.iovabitmap.vfio.sim;

import java.util.function.Predicate;

/**
 * A system call that is to fail.
 *
 * @param call picks calls by their name: {@code open} or {@code close} and the path, or an ioctl's name and, behind a
 *     space, what it is asked for, such as {@code VFIO_DEVICE_FEATURE DMA_LOGGING_REPORT}
 * @param skip how many calls of these go through first
 * @param times how many fail then
 * @param errno with which error number
 * @param afterwards whether the call does its work first, such as clearing a log. Calls that hand out a descriptor or
 *     an object, or start a tracking session, never leave one behind when they fail; their work is not done.
 *     A descriptor is closed even if closing it fails.
 */
public record CallFailure(Predicate<String> call, int skip, int times, int errno, boolean afterwards) {
    /** Checks. */
    public CallFailure {
        if (skip < 0 || times < 1 || errno < 1 || errno > 4095) {
            throw new IllegalArgumentException("skip=" + skip + " times=" + times + " errno=" + errno);
        }
    }

    /**
     * Returns a failure of the next call of a name, before it does anything.
     *
     * @param call the name
     * @param errno the error number, positive
     * @return the failure
     */
    public static CallFailure next(String call, int errno) {
        return new CallFailure(call::equals, 0, 1, errno, false);
    }

    /**
     * Returns a failure of one call, before it does anything.
     *
     * @param number which call, counted from 0 over all calls
     * @param errno the error number, positive
     * @return the failure
     */
    public static CallFailure at(int number, int errno) {
        return new CallFailure(call -> true, number, 1, errno, false);
    }
}
