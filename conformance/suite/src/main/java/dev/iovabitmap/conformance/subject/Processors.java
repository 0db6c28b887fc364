package dev.iovabitmap.conformance.subject;

/** Whether races can happen at all. */
public final class Processors {
    private Processors() {}

    /** {@return whether threads can run at once} */
    public static boolean several() {
        return Runtime.getRuntime().availableProcessors() > 1;
    }

    /**
     * Ends a test that looks for races where there are none: to pass would say what nobody saw. The engine makes an ERROR of
     * this, which is no certificate and no fault of the provider.
     */
    public static void requireSeveral(String rule) {
        if (!several()) {
            throw new InternalError(rule + " cannot be judged on one processor");
        }
    }
}
