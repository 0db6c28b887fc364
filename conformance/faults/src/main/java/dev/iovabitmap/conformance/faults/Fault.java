package dev.iovabitmap.conformance.faults;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.conformance.subject.Library;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * An implementation that is wrong in one place.
 *
 * @param id unique; an entry of the bug history such as {@code B2}, or what is wrong in lower case
 * @param wrong what is wrong, in a few words
 * @param reEnacts the commit or source that it re-enacts; empty if that is the source of its rules
 * @param rules the rules that it breaks: a test of each has to fail
 * @param features the features of the provider
 * @param provider makes the provider, a right one if the library is wrong
 * @param library our own reading and arithmetic, the right one if the provider is wrong
 */
public record Fault(
        String id,
        String wrong,
        String reEnacts,
        List<String> rules,
        Set<Feature> features,
        Supplier<IovaBitmapProvider> provider,
        Library library) {
    /** Makes a bitmap. */
    @FunctionalInterface
    public interface Allocator {
        IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data);
    }

    /** {@return a fault of bitmaps, which are made of arguments that were checked} */
    public static Fault bitmap(String rule, String wrong, Allocator allocator) {
        return allocation(rule, wrong, (iova, length, pageSize, data) -> {
            RightProvider.requireRange(iova, length, pageSize);
            RightProvider.requireData(length, pageSize, data);
            return allocator.allocate(iova, length, pageSize, data);
        });
    }

    /** {@return a fault of allocation, by a provider that claims everything} */
    public static Fault allocation(String rule, String wrong, Allocator allocator) {
        return allocation(rule, wrong, RightProvider.ALL, allocator);
    }

    /** {@return a fault of allocation, by a provider with some features} */
    public static Fault allocation(String rule, String wrong, Set<Feature> features, Allocator allocator) {
        return of(rule, wrong, features, () -> new RightProvider(features, allocator), Library.REAL);
    }

    /** {@return a fault of a provider beside allocation} */
    public static Fault provider(String rule, String wrong, Supplier<IovaBitmapProvider> provider) {
        return provider(rule, wrong, RightProvider.ALL, provider);
    }

    /** {@return a fault of a provider with some features} */
    public static Fault provider(
            String rule, String wrong, Set<Feature> features, Supplier<IovaBitmapProvider> provider) {
        return of(rule, wrong, features, provider, Library.REAL);
    }

    /** {@return a fault of our own reading or arithmetic} */
    public static Fault library(String rule, String wrong, Library library) {
        return of(rule, wrong, RightProvider.ALL, RightProvider::new, library);
    }

    private static Fault of(
            String rule, String wrong, Set<Feature> features, Supplier<IovaBitmapProvider> provider, Library library) {
        String id = wrong.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        return new Fault(id, wrong, "", List.of(rule), features, provider, library);
    }

    /** {@return this, as an entry of the kernel's history} */
    public Fault reEnacting(String entry, String source) {
        return new Fault(entry, wrong, source, rules, features, provider, library);
    }

    /** {@return this, with another rule that it breaks} */
    public Fault alsoBreaking(String rule) {
        List<String> both = Stream.concat(rules.stream(), Stream.of(rule)).toList();
        return new Fault(id, wrong, reEnacts, both, features, provider, library);
    }

    @Override
    public String toString() {
        return id + " " + rules;
    }
}
