package dev.iovabitmap.conformance.report;

import java.util.Objects;

/** The version of the suite, from its module or its jar's manifest. */
public final class SuiteVersion {
    private SuiteVersion() {}

    /** {@return the version, or "unknown" in a directory of classes} */
    public static String get() {
        var module = SuiteVersion.class.getModule().getDescriptor();
        if (module != null && module.rawVersion().isPresent()) {
            return module.rawVersion().get();
        }
        return Objects.requireNonNullElse(SuiteVersion.class.getPackage().getImplementationVersion(), "unknown");
    }
}
