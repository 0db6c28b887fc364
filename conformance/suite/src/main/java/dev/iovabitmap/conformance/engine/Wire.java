package dev.iovabitmap.conformance.engine;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** How the two JVMs write to each other. */
final class Wire {
    static final ObjectMapper JSON = JsonMapper.builder().build();

    /** The line that asks a child for a {@link Snapshot}. */
    static final String ASK_FOR_LOOK = "look";

    /** The line that asks a child for all its stacks. */
    static final String ASK_FOR_THREADS = "threads";

    private Wire() {}
}
