package dev.iovabitmap.conformance.faults;

import dev.iovabitmap.conformance.rules.RuleCatalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The matrix as it is in the repository. */
final class MatrixFiles {
    /** The seed of all runs. */
    static final long SEED = 1;

    private MatrixFiles() {}

    static Matrix read() throws IOException {
        return Matrix.parse(Files.readString(json()));
    }

    static String readPage() throws IOException {
        return Files.readString(page());
    }

    static String pageOf(Matrix matrix) {
        return MatrixPage.of(matrix, RuleCatalogue.load());
    }

    static void write(Matrix matrix) throws IOException {
        Files.writeString(json(), matrix.toJson());
        Files.writeString(page(), pageOf(matrix));
    }

    private static Path json() {
        return Root.path("conformance/suite/src/main/resources/dev/iovabitmap/conformance/report/matrix.json");
    }

    private static Path page() {
        return Root.path("docs/fault-matrix.md");
    }
}
