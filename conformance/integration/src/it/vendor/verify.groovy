import groovy.json.JsonSlurper
import groovy.xml.XmlSlurper

// The vendor's other way, the runnable jar, on the jar that Maven has built: the same seed, so the same rules and verdict.

def log = new File(basedir, 'build.log').text
def cli = "${repository}/dev/iovabitmap/iova-bitmap-conformance/${version}/iova-bitmap-conformance-${version}-cli.jar"
def jar = new File(basedir, 'target/acme-bitmap-1.0.0.jar')
def junit = new XmlSlurper().parse(new File(basedir, 'target/surefire-reports/TEST-com.acme.HastyConformance.xml'))
def java = junit.properties.property.find { it.@name == 'java.home' }.@value.text() + '/bin/java'

def certify = { Object provider, Object... more ->
    def command = [java, '-jar', cli, 'certify', '--provider', provider, '--class-path', jar.path, *more]*.toString()
    def process = new ProcessBuilder(command).directory(basedir).redirectErrorStream(true).start()
    def out = process.inputStream.getText('UTF-8')
    println out
    [exit: process.waitFor(), out: out]
}
def report = { directory, name -> new File(basedir, "${directory}/${name}/report.json") }
// as bytes, but for how each way replays
def rules = { file ->
    def text = file.getText('UTF-8')
    text.substring(text.indexOf('"rules"')).replaceAll(/replay: (?:[^"\\]|\\(?!n))*/, 'replay: ...')
}
// what a failure says of itself, from the inputs to the words; Maven and the command line indent it differently
def failure = { text, test ->
    def lines = text.readLines().collect { it.replaceFirst(/^(\[ERROR\])?\s*/, '') }
    def at = lines.findIndexOf { it == "test ${test}" }
    assert at >= 0: "${test} is not in:\n${text}"
    lines.subList(at, at + lines.subList(at, lines.size()).findIndexOf { it.startsWith('seed ') } + 1)
            .findAll { !it.startsWith('the same test fails for') }
}

def good = certify('com.acme.FileProvider', '--seed', '42', '--out', 'cli')
assert good.exit == 0: good.out
assert new JsonSlurper().parse(report('cli', 'acme-file')).verdict == 'CERTIFIED'
assert new JsonSlurper().parse(report('target/certification', 'acme-file')).verdict == 'CERTIFIED'
assert rules(report('cli', 'acme-file')) == rules(report('target/certification', 'acme-file'))

def bad = certify('com.acme.HastyProvider', '--seed', '42', '--out', 'cli')
assert bad.exit == 1: bad.out
assert new JsonSlurper().parse(report('target/certification', 'acme-hasty')).verdict == 'NOT_CERTIFIED'
assert rules(report('cli', 'acme-hasty')) == rules(report('target/certification', 'acme-hasty'))

// each replay gives that failure and no other, with the same inputs and words, on the command line and in Maven's third and
// fourth build
['SetTest.marksThePagesOfUnalignedRanges[1]', 'SetTest.marksEveryPageTouched'].each { test ->
    def first = failure(bad.out, test)
    assert first.size() > 5: first
    assert log.contains("replay: mvn test -Dtest=HastyConformance '-Diova-bitmap.replay=${test}@42'")
    def replayed = certify('com.acme.HastyProvider', '--replay', "${test}@42")
    assert replayed.exit == 1: replayed.out
    assert failure(replayed.out, test) == first
    assert replayed.out.count('replay: ') == 1
    def right = certify('com.acme.FileProvider', '--replay', "${test}@42")
    assert right.exit == 0: right.out
}
// Surefire's file of the last build, of one test
assert junit.@tests.text() == '1' && junit.@failures.text() == '1'
assert failure(junit.testcase.failure.text(), 'SetTest.marksEveryPageTouched') == failure(bad.out, 'SetTest.marksEveryPageTouched')
assert log.count('Tests run: 1, Failures: 1') >= 2: 'each replay runs one test'
true
