package dev.iovabitmap.vfio.sys;

import java.nio.ByteOrder;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether this is a machine whose kernel can be called. */
public final class Platform {
    /** The names that Java has for architectures whose numbers and structs are those of {@code .uapi}. */
    private static final Set<String> ARCHITECTURES = Set.of("amd64", "x86_64", "aarch64", "riscv64", "loongarch64");

    private Platform() {}

    /** {@return one sentence why a kernel cannot be called from here, or null if it can} */
    public static @Nullable String whyNot() {
        String system = System.getProperty("os.name", "");
        String architecture = System.getProperty("os.arch", "");
        if (!system.equals("Linux")) {
            return "VFIO is part of Linux, and this is " + system;
        }
        if (!ARCHITECTURES.contains(architecture) || ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            return "VFIO is called on 64-bit little-endian architectures only, and this is " + architecture;
        }
        return null;
    }

    static String nativeAccessDenied() {
        Module module = Platform.class.getModule();
        return "native access is denied: start java with --enable-native-access="
                + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
    }
}
