package dev.iovabitmap.integration;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.Linker;

/** The arrows between the modules, and the rules that a module descriptor cannot hold. */
@AnalyzeClasses(packages = "dev.iovabitmap", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String API = "dev.iovabitmap";
    private static final String SPI = "dev.iovabitmap.spi..";
    private static final String WORDS = "dev.iovabitmap.words..";
    private static final String HEAP = "dev.iovabitmap.heap..";
    private static final String FFM = "dev.iovabitmap.ffm..";
    private static final String VFIO = "dev.iovabitmap.vfio..";
    private static final String SUITE = "dev.iovabitmap.conformance..";

    private static final DescribedPredicate<JavaClass> OURS = resideInAPackage("dev.iovabitmap..");

    private static final DescribedPredicate<JavaClass> JDK_AND_ANNOTATIONS =
            resideInAnyPackage("java..", "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule API_STANDS_ALONE = classes()
            .that()
            .resideInAnyPackage(API, SPI, WORDS)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(API, SPI, WORDS).or(JDK_AND_ANNOTATIONS));

    @ArchTest
    static final ArchRule HEAP_KNOWS_THE_API_ONLY = classes()
            .that()
            .resideInAPackage(HEAP)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(API, SPI, WORDS, HEAP).or(JDK_AND_ANNOTATIONS));

    @ArchTest
    static final ArchRule FFM_KNOWS_THE_API_ONLY = classes()
            .that()
            .resideInAPackage(FFM)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(API, SPI, WORDS, FFM).or(JDK_AND_ANNOTATIONS));

    @ArchTest
    static final ArchRule VFIO_KNOWS_THE_API_AND_FFM = classes()
            .that()
            .resideInAPackage(VFIO)
            .should()
            .onlyDependOnClassesThat(
                    resideInAnyPackage(API, SPI, WORDS, FFM, VFIO).or(JDK_AND_ANNOTATIONS));

    @ArchTest
    static final ArchRule NOTHING_BELOW_THE_ROOT_OF_VFIO_KNOWS_IT = noClasses()
            .that()
            .resideInAPackage("dev.iovabitmap.vfio.*..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.iovabitmap.vfio");

    @ArchTest
    static final ArchRule VFIO_HAS_NO_CIRCLE =
            slices().matching("dev.iovabitmap.vfio.(*)..").should().beFreeOfCycles();

    /** The suite certifies anybody's backend, so it uses what anybody can: not even the word loops. */
    @ArchTest
    static final ArchRule SUITE_KNOWS_WHAT_IS_EXPORTED = noClasses()
            .that()
            .resideInAPackage(SUITE)
            .should()
            .dependOnClassesThat(resideInAnyPackage(WORDS, HEAP, FFM, VFIO));

    /** The simulated kernel has its own, so that it does not share a mistake with what is tested against it. */
    @ArchTest
    static final ArchRule UNSIGNED_ARITHMETIC_HAS_ONE_PLACE_IN_THE_PRODUCT = noClasses()
            .that()
            .resideInAnyPackage(API, SPI, WORDS, HEAP, FFM, VFIO)
            .and()
            .doNotHaveFullyQualifiedName("dev.iovabitmap.words.Unsigned")
            .and()
            .doNotHaveFullyQualifiedName("dev.iovabitmap.vfio.sim.U64")
            .should()
            .callMethodWhere(unsignedHelper());

    @ArchTest
    static final ArchRule UNSIGNED_ARITHMETIC_HAS_ONE_PLACE_IN_THE_SUITE = noClasses()
            .that()
            .resideInAPackage(SUITE)
            .and()
            .doNotHaveFullyQualifiedName("dev.iovabitmap.conformance.subject.U64")
            .should()
            .callMethodWhere(unsignedHelper());

    @ArchTest
    static final ArchRule NATIVE_CALLS_HAVE_ONE_PLACE = noClasses()
            .that(OURS)
            .and()
            .resideOutsideOfPackage("dev.iovabitmap.vfio.sys..")
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Linker.class);

    @ArchTest
    static final ArchRule NO_PRODUCT_CLASS_ENDS_THE_JVM_OR_PRINTS = noClasses()
            .that()
            .resideInAnyPackage(API, SPI, WORDS, HEAP, FFM, VFIO)
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .orShould()
            .callMethod(System.class, "exit", int.class);

    private static DescribedPredicate<JavaMethodCall> unsignedHelper() {
        return DescribedPredicate.describe(
                "an unsigned helper of Long is called",
                call -> call.getTarget().getOwner().isEquivalentTo(Long.class)
                        && call.getTarget().getName().contains("nsigned"));
    }
}
