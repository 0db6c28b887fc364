package dev.iovabitmap.conformance.subject;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** A test that opens a {@link Device}: run with the device as it is, and then with each of its variants. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest
@ArgumentsSource(EachVariant.Source.class)
public @interface EachVariant {
    /** Gives the variants. */
    final class Source implements ArgumentsProvider {
        /** For the engine. */
        public Source() {}

        @Override
        public Stream<? extends Arguments> provideArguments(
                ParameterDeclarations parameters, ExtensionContext context) {
            return Stream.concat(Stream.of(Hardware.PLAIN), Subject.hardware().variants().stream())
                    .map(Arguments::of);
        }
    }
}
