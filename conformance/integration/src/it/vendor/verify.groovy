import groovy.json.JsonSlurper
import groovy.xml.XmlSlurper

// The vendor's other way, the runnable jar, on the jar that Maven has built: the same seed, so the same rules and verdict. Then the
// commands that the reports print, in a shell, as they stand there: one of them in each build, all with -Pall.

def artifact = { name, suffix = '' -> "${repository}/dev/iovabitmap/${name}/${version}/${name}-${version}${suffix}.jar".toString() }
def surefire = { name -> new XmlSlurper().parse(new File(basedir, "target/surefire-reports/TEST-com.acme.${name}.xml")) }
def java = surefire('HastyConformance').properties.property.find { it.@name == 'java.home' }.@value.text() + '/bin/java'
def classPath = ['target/acme-bitmap-1.0.0.jar', artifact('iova-bitmap-vfio'), artifact('iova-bitmap-ffm')].join(':')

// what a shell of the vendor's has: Maven on its path, and in .mvn what the vendor set up once for the project
new File(basedir, '.mvn').mkdirs()
new File(basedir, '.mvn/settings.xml').text =
        new File(settings).text.replace('@localRepositoryUrl@', new File(machine).toURI().toString())
new File(basedir, '.mvn/maven.config').text = "-B\n-s\n.mvn/settings.xml\n-Dmaven.repo.local=${repository}\n"
def outputs = []
def run = { List<String> command ->
    println "\$ ${command.join(' ')}"
    def builder = new ProcessBuilder(command).directory(basedir).redirectErrorStream(true)
    builder.environment().merge('PATH', System.getProperty('maven.home') + '/bin', { old, ours -> ours + ':' + old })
    def process = builder.start()
    process.outputStream.close()
    def out = process.inputStream.getText('UTF-8')
    println out
    outputs << out
    [exit: process.waitFor(), out: out]
}
def certify = { String provider, String... more ->
    run([java, '--enable-native-access=ALL-UNNAMED', '-jar', artifact('iova-bitmap-conformance', '-cli'), 'certify',
         '--provider', provider, '--class-path', classPath, '--out', 'cli', '--seed', '42', *more])
}
def file = { directory, name -> new File(basedir, "${directory}/${name}/report.json") }
def report = { directory, name -> new JsonSlurper().parse(file(directory, name)) }
// as bytes, but for how each way replays
def rules = { directory, name ->
    def text = file(directory, name).getText('UTF-8')
    text.substring(text.indexOf('"rules"')).replaceAll(/replay: (?:[^"\\]|\\(?!n))*/, 'replay: ...')
}
def message = { directory, name, test ->
    report(directory, name).tests.find { it.status == 'FAIL' && it.message.contains("\ntest ${test}\n") }.message
}
def alone = { text -> text.readLines().findAll { !it.startsWith('the same test fails for') }.join('\n') }
def command = { text -> text.readLines().last().substring('replay: '.length()) }

def good = certify('com.acme.FileProvider')
assert good.exit == 0: good.out
assert report('cli', 'acme-file').verdict == 'CERTIFIED'
assert report('target/certification', 'acme-file').verdict == 'CERTIFIED'
assert rules('cli', 'acme-file') == rules('target/certification', 'acme-file')

def fails = { String suite ->
    def build = run(['sh', '-c', "mvn test -Dtest=${suite} -Diova-bitmap.seed=42".toString()])
    assert build.exit == 1
}
def hasty = [provider: 'HastyProvider', suite: 'HastyConformance', name: 'acme-hasty', more: [],
             tests: ['SetTest.marksThePagesOfUnalignedRanges[1]']]
def card = [provider: 'CardProvider', suite: 'CardConformance', name: 'acme-card-iommufd', more: ['--transport', 'iommufd'],
            // the second variant of the device, after the plain one and the first
            tests: ['SupersetTest.bitmapsAnywhere[3]']]
if (all == 'true') {
    // a test and a property with its simplest sample, next to the parameterised one
    hasty.tests += ['SetTest.crossesWords', 'SetTest.marksEveryPageTouched']
    fails(card.suite)
}
(all == 'true' ? [hasty, card] : [hasty]).each { broken ->
    def certified = certify("com.acme.${broken.provider}", *broken.more)
    assert certified.exit == 1: certified.out
    assert report('target/certification', broken.name).verdict == 'NOT_CERTIFIED'
    assert rules('cli', broken.name) == rules('target/certification', broken.name)
    broken.tests.each { test ->
        // each replay gives that failure and no other, with the same inputs and words: on the command line
        def first = message('cli', broken.name, test)
        def again = run(['sh', '-c', command(first)])
        assert again.exit == 1
        assert again.out.startsWith(command(first).replaceFirst('.* --replay ', '').replace("'", '') + ' failed\n')
        assert again.out.endsWith(alone(first) + '\n')
        assert again.out.count('replay: ') == 1
        // and in a build of Maven's
        def inMaven = message('target/certification', broken.name, test)
        assert command(inMaven).startsWith("mvn test '-Dtest=com.acme.${broken.suite}#conformance' '-Diova-bitmap.replay=${test}@42")
        def build = run(['sh', '-c', command(inMaven)])
        assert build.exit == 1
        def junit = surefire(broken.suite)
        assert junit.@tests.text() == '1' && junit.@failures.text() == '1'
        assert alone(inMaven) == junit.testcase.failure.@message.text().trim()
    }
}

// a hang: the build that replays it ends as well, and says the same
if (all == 'true') {
    fails('StuckConformance')
    def stuck = report('target/certification', 'acme-stuck').tests.findAll { it.status == 'FAIL' }
    assert stuck.size() == 1 && stuck[0].message.contains(' did not return for 10 s\n')
    def build = run(['sh', '-c', command(stuck[0].message)])
    assert build.exit == 1
    assert surefire('StuckConformance').@tests.text() == '1'
    assert alone(stuck[0].message) == surefire('StuckConformance').testcase.failure.@message.text().trim()
}

// what the page says of all this is what came out, but for numbers of tests: each line that it shows, up to the dots
def plain = { String line ->
    line.trim().replaceAll(/ {2,}/, '  ').replaceAll(/\b\d+\b/, 'N')
}
def came = (new File(basedir, 'build.log').readLines() + outputs*.readLines().flatten()).collect(plain)
def page = new File(docs, 'certifying.md').text
def day = page.substring(page.indexOf("## A vendor's day"), page.indexOf('## What a report says'))
def shown = (day =~ /(?s)```\n(.*?)```/).collect { it[1].readLines() }.flatten()
        .findAll { it && !it.startsWith('$ ') && !it.startsWith('      --') }
assert shown.size() > 30
shown.each { line ->
    def start = plain(line.replaceFirst(/ ?\.\.\.$/, ''))
    def same = line.endsWith('...') ? came.any { it.startsWith(start) } : came.contains(start)
    assert same: "docs/certifying.md shows what did not come: ${line}"
}
true
