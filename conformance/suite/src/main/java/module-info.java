/** The conformance suite: the rules of the IOVA bitmap, the tests that verify them, and the command line that certifies. */
@SuppressWarnings("requires-transitive-automatic")
open module dev.iovabitmap.conformance {
    requires static transitive org.jspecify;
    requires transitive dev.iovabitmap;
    requires transitive org.junit.jupiter.api;
    requires org.junit.jupiter.params;
    requires org.junit.jupiter.engine;
    requires org.junit.platform.commons;
    requires org.junit.platform.engine;
    requires org.junit.platform.launcher;
    requires net.jqwik.api;
    requires net.jqwik.engine;
    requires com.fasterxml.jackson.databind;
    requires info.picocli;
    requires java.logging;
    requires java.management;
    requires java.xml;

    uses org.junit.platform.engine.TestEngine;

    exports dev.iovabitmap.conformance;
}
