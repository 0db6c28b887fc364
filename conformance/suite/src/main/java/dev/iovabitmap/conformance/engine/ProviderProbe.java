package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.conformance.rules.Tier;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.Finding;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Asks a provider what it is. Nothing that it answers, throws or fails to answer gets past here unnoticed. */
final class ProviderProbe {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
    private static final int LONGEST = 200;

    private final Consumer<Event> out;

    ProviderProbe(Consumer<Event> out) {
        this.out = out;
    }

    /** {@return the provider, or null after the reason has been reported} */
    @Nullable
    IovaBitmapProvider create(String className) {
        out.accept(new Event.Stage(className, "loading"));
        String subject = "class '" + printable(className) + "'";
        try {
            Class<?> type =
                    Class.forName(className, false, Thread.currentThread().getContextClassLoader());
            if (!IovaBitmapProvider.class.isAssignableFrom(type)) {
                report(className, subject + " is not an IovaBitmapProvider");
                return null;
            }
            if (Modifier.isAbstract(type.getModifiers())) {
                report(className, subject + " is abstract, so it cannot be a provider");
                return null;
            }
            if (!Modifier.isPublic(type.getModifiers())) {
                report(className, subject + " is not public, so it cannot be a provider");
                return null;
            }
            Constructor<?> constructor = type.getConstructor();
            out.accept(new Event.Stage(className, "the constructor"));
            return (IovaBitmapProvider) constructor.newInstance();
        } catch (ClassNotFoundException missing) {
            report(className, subject + " is not on the class path");
            return null;
        } catch (NoSuchMethodException missing) {
            report(className, subject + " has no public constructor without parameters");
            return null;
        } catch (InvocationTargetException thrown) {
            threw(className, "the constructor of " + subject, Objects.requireNonNullElse(thrown.getCause(), thrown));
            return null;
        } catch (ExceptionInInitializerError thrown) {
            threw(
                    className,
                    "the static initializer of " + subject,
                    Objects.requireNonNullElse(thrown.getCause(), thrown));
            return null;
        } catch (LinkageError broken) {
            report(
                    className,
                    subject + " cannot be loaded, as if built for another version of Java or of this API: "
                            + Failures.brief(broken));
            return null;
        } catch (Throwable broken) {
            report(className, subject + " cannot be used: " + Failures.brief(broken));
            return null;
        }
    }

    /** {@return the provider's name, or null after the reason has been reported} */
    @Nullable
    String name(IovaBitmapProvider provider) {
        String className = provider.getClass().getName();
        String subject = "name() of class '" + printable(className) + "'";
        out.accept(new Event.Stage(className, "name()"));
        try {
            String name = provider.name();
            if (name == null) {
                report(className, subject + " returned null");
                return null;
            }
            if (!NAME.matcher(name).matches()) {
                report(
                        className,
                        subject + " returned '" + printable(name) + "', which is no name: one matches "
                                + NAME.pattern());
                return null;
            }
            return name;
        } catch (Throwable thrown) {
            threw(className, subject, thrown);
            return null;
        }
    }

    /** {@return all that the provider says of itself, or null after the reason has been reported} */
    @Nullable
    Description describe(IovaBitmapProvider provider, Order order) {
        String name = name(provider);
        if (name == null) {
            return null;
        }
        out.accept(new Event.Named(name));
        String version = ask(provider, "version()", provider::version);
        if (version == null) {
            return null;
        }
        Set<Feature> features = ask(provider, "features()", () -> copyOf(provider.features()));
        if (features == null) {
            return null;
        }
        Availability availability = ask(provider, "availability()", provider::availability);
        if (availability == null) {
            return null;
        }
        String unavailable = availability.isAvailable() ? null : printable(availability.reason());
        List<String> variants = List.of();
        if (unavailable == null && order.tier() != Tier.MEMORY) {
            DeviceProbe.Answer device = ask(provider, "hardware(...)", () -> DeviceProbe.of(provider, features, order));
            if (device == null) {
                return null;
            }
            unavailable = device.unavailable() == null ? null : printable(device.unavailable());
            variants = device.variants();
        }
        Class<?> type = provider.getClass();
        return new Description(
                name, printable(version), type.getName(), locationOf(type), features, unavailable, variants);
    }

    /** Lets a provider look at this host. */
    void examine(String className, Map<String, String> options) {
        IovaBitmapProvider provider = create(className);
        String name = provider == null ? null : name(provider);
        if (provider == null || name == null) {
            return;
        }
        out.accept(new Event.Named(name));
        List<Finding> findings = ask(provider, "examine(...)", () -> List.copyOf(provider.examine(options)));
        if (findings != null) {
            out.accept(new Event.Examined(findings));
        }
    }

    /** {@return the ways to the provider's device; what fails here is asked again, and reported, when it is certified} */
    DeviceProbe.Ways waysOf(IovaBitmapProvider provider) {
        out.accept(new Event.Stage(provider.getClass().getName(), "hardware(...)"));
        try {
            return DeviceProbe.waysOf(provider);
        } catch (Throwable asLater) {
            return DeviceProbe.Ways.NONE;
        }
    }

    private <T> @Nullable T ask(IovaBitmapProvider provider, String what, Callable<@Nullable T> question) {
        String className = provider.getClass().getName();
        out.accept(new Event.Stage(className, what));
        try {
            T answer = question.call();
            if (answer != null) {
                return answer;
            }
            out.accept(new Event.Faulty(what + " of class '" + printable(className) + "' returned null"));
        } catch (Throwable thrown) {
            out.accept(new Event.Faulty(
                    what + " of class '" + printable(className) + "' threw " + Failures.brief(thrown)));
        }
        return null;
    }

    private static @Nullable Set<Feature> copyOf(@Nullable Set<Feature> features) {
        if (features == null) {
            return null;
        }
        Set<Feature> copy = EnumSet.noneOf(Feature.class);
        copy.addAll(features);
        return copy;
    }

    private void report(String className, String problem) {
        out.accept(new Event.Unnamed(className, problem, false));
    }

    /** What cannot be linked was built for something else; what throws anything else is a provider that fails. */
    private void threw(String className, String what, Throwable thrown) {
        boolean failed = !(thrown instanceof LinkageError) || thrown instanceof ExceptionInInitializerError;
        out.accept(new Event.Unnamed(className, what + " threw " + Failures.brief(thrown), failed));
    }

    private static @Nullable String locationOf(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            return null;
        }
        try {
            return "file".equals(source.getLocation().getProtocol())
                    ? Path.of(source.getLocation().toURI()).toString()
                    : null;
        } catch (URISyntaxException odd) {
            return null;
        }
    }

    /** What a provider says may be long or hold control characters; people read it in a terminal. */
    private static String printable(String text) {
        String shown = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
        return Printable.of(shown).replaceAll("[\n\t]", "?");
    }
}
