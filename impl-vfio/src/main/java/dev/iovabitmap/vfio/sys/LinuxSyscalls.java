package dev.iovabitmap.vfio.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.iovabitmap.vfio.uapi.Ioctl;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/** The system calls of the running kernel, through the C library. The one place that links to native code. */
final class LinuxSyscalls implements Syscalls {
    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 0x80000;

    private static final long KCMP_X86_64 = 312;
    private static final long KCMP_GENERIC = 272;
    private static final long KCMP_FILE = 0;

    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout().varHandle(PathElement.groupElement("errno"));

    /** Made when it is first asked for, and then there for good: it holds nothing but method handles. */
    private static final class Holder {
        static final LinuxSyscalls INSTANCE = new LinuxSyscalls();
    }

    private final MethodHandle open;
    private final MethodHandle close;
    private final MethodHandle ioctl;
    private final MethodHandle ioctlOfValue;
    private final MethodHandle kcmp;
    private final OpenFiles files = new OpenFiles(this);

    private LinuxSyscalls() {
        Linker.Option variadic = Linker.Option.firstVariadicArg(2);
        open = link("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), CAPTURE, variadic);
        close = link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT), CAPTURE);
        // ioctl takes one argument behind the request. The kernel never sees a second one: it is there because the
        // linker keeps open what it is handed, and does not know of addresses inside of structs.
        ioctl = link(
                "ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS), CAPTURE, variadic);
        kcmp = link(
                "syscall",
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                CAPTURE,
                Linker.Option.firstVariadicArg(1));
        ioctlOfValue =
                link("ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG), CAPTURE, variadic);
    }

    static LinuxSyscalls instance() {
        String why = Platform.whyNot();
        if (why != null) {
            throw new IllegalStateException(why);
        }
        try {
            return Holder.INSTANCE;
        } catch (ExceptionInInitializerError | NoClassDefFoundError e) {
            throw new IllegalStateException(Platform.nativeAccessDenied(), e);
        }
    }

    /** The signatures are those of the C library. */
    @SuppressWarnings("restricted")
    private static MethodHandle link(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, options);
    }

    @Override
    public int open(String path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            MemorySegment name = arena.allocateFrom(path);
            return resultOf((int) open.invokeExact(state, name, O_RDWR | O_CLOEXEC), state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int close(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            return resultOf((int) close.invokeExact(state, fd), state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public boolean sameFile(int fd, int other) {
        // the four arguments after the number of the call are as wide as a register
        try (Arena arena = Arena.ofConfined()) {
            long process = ProcessHandle.current().pid();
            MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            long result =
                    (long) kcmp.invokeExact(state, kcmpNumber(), process, process, KCMP_FILE, (long) fd, (long) other);
            return result == 0 || (result < 0 && fd == other);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** The architectures that were added after 2011 share one list of system calls. */
    private static long kcmpNumber() {
        String architecture = System.getProperty("os.arch", "");
        return architecture.equals("amd64") || architecture.equals("x86_64") ? KCMP_X86_64 : KCMP_GENERIC;
    }

    @Override
    public OpenFiles files() {
        return files;
    }

    @Override
    public Host host() {
        return Host.linux(Path.of("/"));
    }

    @Override
    public int ioctl(CallMemory memory, int fd, Ioctl request, MemorySegment struct, MemorySegment pointedTo) {
        MemorySegment state = memory.state();
        try {
            return resultOf((int) ioctl.invokeExact(state, fd, (long) request.number(), struct, pointedTo), state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public int ioctl(CallMemory memory, int fd, Ioctl request, long value) {
        MemorySegment state = memory.state();
        try {
            return resultOf((int) ioctlOfValue.invokeExact(state, fd, (long) request.number(), value), state);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static int resultOf(int result, MemorySegment state) {
        return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
    }

    /** A method handle declares Throwable; what these throw is unchecked, such as a closed arena. */
    private static RuntimeException unexpected(Throwable e) {
        return switch (e) {
            case RuntimeException unchecked -> unchecked;
            case Error error -> throw error;
            default -> throw new AssertionError(e);
        };
    }
}
