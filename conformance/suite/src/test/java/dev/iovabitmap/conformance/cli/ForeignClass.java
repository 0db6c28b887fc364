package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** A class named Foreign, as a compiler would have made it against another version of Java or of this API. */
enum ForeignClass {
    OF_A_LATER_JAVA(ForeignClass::implementsProvider, 99),
    WITH_AN_INTERFACE_THAT_IS_GONE(
            type -> type.withInterfaceSymbols(ClassDesc.of("dev.iovabitmap.spi", "Gone")),
            ClassFile.latestMajorVersion()),
    CALLING_A_METHOD_THAT_IS_GONE(
            type -> {
                implementsProvider(type);
                type.withMethodBody(
                        "name",
                        MethodTypeDesc.of(ConstantDescs.CD_String),
                        ClassFile.ACC_PUBLIC,
                        code -> code.invokestatic(
                                        ClassDesc.of(Availability.class.getName()),
                                        "gone",
                                        MethodTypeDesc.of(ConstantDescs.CD_String))
                                .areturn());
            },
            ClassFile.latestMajorVersion()),
    WITHOUT_NAME(ForeignClass::implementsProvider, ClassFile.latestMajorVersion()),
    WITHOUT_FEATURES(
            type -> {
                implementsProvider(type);
                type.withMethodBody(
                        "name",
                        MethodTypeDesc.of(ConstantDescs.CD_String),
                        ClassFile.ACC_PUBLIC,
                        code -> code.loadConstant("foreign").areturn());
            },
            ClassFile.latestMajorVersion());

    private final Consumer<ClassBuilder> content;
    private final int major;

    ForeignClass(Consumer<ClassBuilder> content, int major) {
        this.content = content;
        this.major = major;
    }

    byte[] bytes() {
        return ClassFile.of().build(ClassDesc.of("Foreign"), type -> {
            type.withVersion(major, 0).withFlags(ClassFile.ACC_PUBLIC);
            type.withMethodBody(
                    ConstantDescs.INIT_NAME,
                    ConstantDescs.MTD_void,
                    ClassFile.ACC_PUBLIC,
                    code -> code.aload(0)
                            .invokespecial(ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                            .return_());
            content.accept(type);
        });
    }

    private static void implementsProvider(ClassBuilder type) {
        type.withInterfaceSymbols(ClassDesc.of(IovaBitmapProvider.class.getName()));
    }

    static Stream<Arguments> withoutName() {
        return Stream.of(
                Arguments.of(OF_A_LATER_JAVA, "UnsupportedClassVersionError"),
                Arguments.of(WITH_AN_INTERFACE_THAT_IS_GONE, "NoClassDefFoundError"),
                Arguments.of(CALLING_A_METHOD_THAT_IS_GONE, "NoSuchMethodError"),
                Arguments.of(WITHOUT_NAME, "AbstractMethodError"));
    }
}
