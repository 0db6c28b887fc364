package dev.iovabitmap.conformance.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iovabitmap.conformance.vendor.Right;
import dev.iovabitmap.spi.Availability;
import java.io.File;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of two classes of one name is certified: the suite's before the user's, the user's before the launcher's. */
class ClassPathTest {
    @AfterEach
    void clearProperty() {
        System.clearProperty(ClassPath.BACKENDS);
    }

    @Test
    void suiteIsFirstAndTheBackendsAreLast(@TempDir Path added) {
        List<Path> suite = ClassPath.with("");
        System.setProperty(ClassPath.BACKENDS, "heap.jar");
        List<Path> path = ClassPath.with(added.toString());
        assertTrue(suite.size() > 0);
        assertEquals(
                Stream.concat(
                                suite.stream(),
                                Stream.of(added, Path.of("heap.jar").toAbsolutePath()))
                        .toList(),
                path);
    }

    @Test
    void classThatTheUserNamedIsTheOneCertified(@TempDir Path directory) throws Exception {
        byte[] twin = ClassFile.of().build(ClassDesc.of("Twin"), ClassPathTest::extendRight);
        Path backend = Files.createDirectory(directory.resolve("backend"));
        Files.write(backend.resolve("Twin.class"), twin);
        Path jar = directory.resolve("named.jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            zip.putNextEntry(new ZipEntry("Twin.class"));
            zip.write(twin);
        }
        System.setProperty(ClassPath.BACKENDS, backend.toString());
        Path out = directory.resolve("out");
        String path = jar + File.pathSeparator + Cli.VENDOR;
        Cli.run("certify", "--provider", "Twin", "--class-path", path, "--out", out.toString());
        JsonNode subject = Cli.report(out, "right").get("subject");
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar)));
        assertAll(
                () -> assertEquals("named.jar", subject.get("file").asText(), subject::toString),
                () -> assertEquals(digest, subject.get("sha256").asText()));
    }

    private static void extendRight(ClassBuilder type) {
        ClassDesc base = ClassDesc.of(Right.class.getName());
        type.withFlags(ClassFile.ACC_PUBLIC).withSuperclass(base);
        type.withMethodBody(
                ConstantDescs.INIT_NAME,
                ConstantDescs.MTD_void,
                ClassFile.ACC_PUBLIC,
                code -> code.aload(0)
                        .invokespecial(base, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                        .return_());
        // a provider without tests makes this one short
        MethodTypeDesc unavailable =
                MethodTypeDesc.of(ClassDesc.of(Availability.class.getName()), ConstantDescs.CD_String);
        type.withMethodBody(
                "availability",
                MethodTypeDesc.of(unavailable.returnType()),
                ClassFile.ACC_PUBLIC,
                code -> code.loadConstant("a test")
                        .invokestatic(unavailable.returnType(), "unavailable", unavailable)
                        .areturn());
    }
}
