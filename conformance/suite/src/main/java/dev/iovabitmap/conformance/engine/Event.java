package dev.iovabitmap.conformance.engine;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.iovabitmap.spi.Finding;
import java.util.List;

/** What a run reports while it goes on; from a child JVM each is one line of JSON. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Event.Stage.class, name = "stage"),
    @JsonSubTypes.Type(value = Event.Found.class, name = "found"),
    @JsonSubTypes.Type(value = Event.Examined.class, name = "examined"),
    @JsonSubTypes.Type(value = Event.Unnamed.class, name = "unnamed"),
    @JsonSubTypes.Type(value = Event.Named.class, name = "named"),
    @JsonSubTypes.Type(value = Event.Described.class, name = "described"),
    @JsonSubTypes.Type(value = Event.Faulty.class, name = "faulty"),
    @JsonSubTypes.Type(value = Event.Started.class, name = "started"),
    @JsonSubTypes.Type(value = Event.Finished.class, name = "finished"),
    @JsonSubTypes.Type(value = Event.Broken.class, name = "broken"),
    @JsonSubTypes.Type(value = Event.Done.class, name = "done"),
    @JsonSubTypes.Type(value = Event.CutShort.class, name = "cutShort"),
    @JsonSubTypes.Type(value = Event.Looked.class, name = "looked"),
    @JsonSubTypes.Type(value = Event.Threads.class, name = "threads"),
    @JsonSubTypes.Type(value = Event.Ended.class, name = "ended")
})
public sealed interface Event {
    /** The provider is about to be asked something. */
    record Stage(String provider, String what) implements Event {}

    /**
     * A provider is on the class path.
     *
     * @param provider its class
     * @param name its name
     * @param simulated whether its device can be simulated
     * @param transports the ways to its device
     */
    record Found(String provider, String name, boolean simulated, List<String> transports) implements Event {}

    /** The provider has looked at this host. */
    record Examined(List<Finding> findings) implements Event {}

    /**
     * The provider cannot even say its name.
     *
     * @param provider its class
     * @param problem why, in a sentence
     * @param failed whether its code ran and failed; else it is no provider, or its name is none
     */
    record Unnamed(String provider, String problem, boolean failed) implements Event {}

    /** The provider has a good name. */
    record Named(String name) implements Event {}

    /** The provider has answered all questions. */
    record Described(Description description) implements Event {}

    /** The provider did not answer a question as it must. */
    record Faulty(String problem) implements Event {}

    /** A test, or an invocation of one, begins. */
    record Started(String test) implements Event {}

    /** It ended. */
    record Finished(String test, Status status, String message) implements Event {}

    /** The engines could not find or run something. */
    record Broken(String problem) implements Event {}

    /** All is done. */
    record Done() implements Event {}

    /** A test met an error of the JVM itself, in which nothing more can be tried. */
    record CutShort(String problem) implements Event {}

    /** The answer to a request for a look. */
    record Looked(Snapshot snapshot) implements Event {}

    /** The answer to a request for all stacks. */
    record Threads(String dump) implements Event {}

    /** The JVM is gone. */
    record Ended(int exitStatus, boolean crashed) implements Event {}
}
