package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.iovabitmap.IovaRange;
import java.util.List;
import org.junit.jupiter.api.Test;

class MigrationTest {
    @Test
    void sendsWhatWasWrittenOnce() {
        try (Migration migration = new Migration(0x100000000L, 1L << 36, 4096)) {
            assertEquals(System.getProperty("backend"), migration.backend());
            migration.dirty(0x100000800L, 4096);
            migration.dirty(0x140000000L, 1 << 21);
            assertEquals(
                    List.of(new IovaRange(0x100000000L, 8192), new IovaRange(0x140000000L, 1 << 21)),
                    migration.take());
            assertEquals(List.of(), migration.take());
        }
    }
}
