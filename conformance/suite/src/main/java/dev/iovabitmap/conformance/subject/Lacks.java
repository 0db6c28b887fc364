package dev.iovabitmap.conformance.subject;

import dev.iovabitmap.spi.Feature;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The test applies only to providers that have none of these features. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Lacks {
    Feature[] value();
}
