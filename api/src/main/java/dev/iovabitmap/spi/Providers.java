package dev.iovabitmap.spi;

import dev.iovabitmap.IovaBitmapLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.module.ModuleDescriptor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** What the default and static methods of {@link IovaBitmapProvider} do. */
final class Providers {
    private Providers() {}

    static List<IovaBitmapProvider> all() {
        return ServiceLoader.load(IovaBitmapProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    static IovaBitmapProvider named(String name) {
        Objects.requireNonNull(name, "name");
        List<IovaBitmapProvider> found = new ArrayList<>();
        List<IovaBitmapProvider> others = new ArrayList<>();
        List<String> broken = new ArrayList<>();
        Iterator<IovaBitmapProvider> providers =
                ServiceLoader.load(IovaBitmapProvider.class).iterator();
        while (true) {
            try {
                if (!providers.hasNext()) {
                    break;
                }
                IovaBitmapProvider provider = providers.next();
                (name.equals(provider.name()) ? found : others).add(provider);
            } catch (ServiceConfigurationError | RuntimeException unusable) {
                broken.add("one that cannot be used (" + unusable.getMessage() + ")");
            }
        }
        if (found.isEmpty()) {
            StringJoiner there = new StringJoiner(", ");
            there.setEmptyValue("none");
            others.forEach(other -> there.add(describe(other)));
            broken.forEach(there::add);
            throw new IllegalArgumentException("no provider is named '" + name + "'; found: " + there);
        }
        if (found.size() > 1) {
            throw new IllegalStateException("two providers are named '" + name + "': "
                    + found.get(0).getClass().getName() + " and "
                    + found.get(1).getClass().getName());
        }
        return found.get(0);
    }

    private static String describe(IovaBitmapProvider provider) {
        try {
            Availability availability = provider.availability();
            return availability.isAvailable() ? provider.name() : provider.name() + " (" + availability + ")";
        } catch (RuntimeException broken) {
            return provider.getClass().getName() + " (it does not say whether it is available: " + broken.getMessage()
                    + ")";
        }
    }

    static String versionOf(Class<?> type) {
        Optional<String> ofModule =
                Optional.ofNullable(type.getModule().getDescriptor()).flatMap(ModuleDescriptor::rawVersion);
        @Nullable String ofManifest = type.getPackage().getImplementationVersion();
        return ofModule.orElse(ofManifest == null ? "unknown" : ofManifest);
    }

    static MemorySegment allocateNative(long byteSize, long pageOffset, Arena arena) {
        long page = IovaBitmapLayout.BASE_PAGE_SIZE;
        if (byteSize < 0 || byteSize > Long.MAX_VALUE - page) {
            throw new IllegalArgumentException("byteSize " + byteSize + " is negative or too large");
        }
        if (pageOffset < 0 || pageOffset >= page) {
            throw new IllegalArgumentException("pageOffset " + pageOffset + " is not from 0 to 4095");
        }
        return arena.allocate(pageOffset + byteSize, page).asSlice(pageOffset, byteSize);
    }
}
