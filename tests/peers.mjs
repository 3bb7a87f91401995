// Sees to it that the foreign programs which the lab and the crash tests run are installed. Plain JavaScript for Node 18 and later, no
// dependencies: it runs before anything of the project is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** Another run may be installing at the same moment. */
const LOCK_WAIT_S = 300;
const NETWORK_WAIT_S = 30;

const SERVERS = 'scenarios, dialogs and clients against real servers (tests/lab)';
const WEBMAIL = 'scenarios with Roundcube (tests/lab)';
const JMAP = 'scenarios with Cyrus, which speaks JMAP (tests/lab)';
const CRASH = 'crash tests (tests/crash)';
const DAYS = 'the scenario in which five days pass (tests/scenarios), and the jump of the clock (tests/crash)';
const CLIENTS = 'tests with mail programs as foreign clients (swaks, curl, Python, Perl, fetchmail, getmail, mbsync, offlineimap, mutt)';
const BROWSER = 'tests of the web client in Chromium (tests/browser)';

/**
 * One row per Debian package: the proof that it is there, and which tests need it. dovecot-imapd, dovecot-pop3d and cyrus-imapd are not here on purpose:
 * the first two and the last exclude each other, so the lab unpacks them privately.
 */
const PEERS = [
  { name: 'openssl', needs: SERVERS, isThere: () => isProgram('openssl') },
  { name: 'dovecot-core', needs: SERVERS, isThere: () => isProgram('dovecot') },
  { name: 'dovecot-lmtpd', needs: SERVERS, isThere: () => existsSync('/usr/lib/dovecot/lmtp') },
  { name: 'postfix', needs: SERVERS, isThere: () => isProgram('postfix') && isProgram('smtp-sink') },
  { name: 'roundcube-core', needs: WEBMAIL, isThere: () => existsSync('/var/lib/roundcube/public_html/index.php') },
  { name: 'roundcube-sqlite3', needs: WEBMAIL, isThere: () => existsSync('/usr/share/doc/roundcube-sqlite3') },
  { name: 'roundcube-plugins', needs: WEBMAIL, isThere: () => existsSync('/usr/share/roundcube/plugins/zipdownload') },
  { name: 'php-cli', needs: WEBMAIL, isThere: () => isProgram('php') },
  ...['sqlite3', 'mbstring', 'intl', 'zip', 'xml', 'gd'].map((extension) => ({
    name: `php-${extension}`,
    needs: WEBMAIL,
    isThere: () => hasPhpExtension(extension),
  })),
  { name: 'cyrus-common', needs: JMAP, isThere: () => existsSync('/usr/sbin/cyrmaster') },
  { name: 'cyrus-caldav', needs: JMAP, isThere: () => existsSync('/usr/lib/cyrus/bin/httpd') },
  { name: 'sasl2-bin', needs: JMAP, isThere: () => isProgram('saslpasswd2') },
  { name: 'swaks', needs: CLIENTS, isThere: () => isProgram('swaks') },
  // swaks only recommends it, and has no TLS without it.
  { name: 'libnet-ssleay-perl', needs: CLIENTS, isThere: () => succeeds('perl', ['-MNet::SSLeay', '-e', '1']) },
  { name: 'curl', needs: CLIENTS, isThere: () => isProgram('curl') },
  { name: 'python3', needs: CLIENTS, isThere: () => isProgram('python3') },
  { name: 'fetchmail', needs: CLIENTS, isThere: () => isProgram('fetchmail') },
  { name: 'isync', needs: CLIENTS, isThere: () => isProgram('mbsync') },
  { name: 'getmail6', needs: CLIENTS, isThere: () => isProgram('getmail') },
  { name: 'offlineimap3', needs: CLIENTS, isThere: () => isProgram('offlineimap') },
  { name: 'mutt', needs: CLIENTS, isThere: () => isProgram('mutt') },
  // What mutt logs in with.
  { name: 'libsasl2-modules', needs: CLIENTS, isThere: () => existsSync('/usr/share/doc/libsasl2-modules') },
  { name: 'tmux', needs: CLIENTS, isThere: () => isProgram('tmux') },
  { name: 'libmail-imapclient-perl', needs: CLIENTS, isThere: () => succeeds('perl', ['-MMail::IMAPClient', '-e', '1']) },
  // It only recommends it, and has no TLS without it.
  { name: 'libio-socket-ssl-perl', needs: CLIENTS, isThere: () => succeeds('perl', ['-MIO::Socket::SSL', '-e', '1']) },
  { name: 'chromium', needs: BROWSER, isThere: () => isProgram('chromium') },
  // Letters of the scripts that the tests' mail is written in.
  { name: 'fonts-noto-core', needs: BROWSER, isThere: () => existsSync('/usr/share/fonts/truetype/noto') },
  { name: 'faketime', needs: DAYS, isThere: () => existsSync('/usr/bin/faketime') },
  { name: 'strace', needs: CRASH, isThere: () => isProgram('strace') },
  { name: 'xfsprogs', needs: CRASH, isThere: () => isProgram('mkfs.xfs') },
];

/** What only a benchmark compares with: no test needs it, and `npm test` does not install it. */
const BENCH_PEERS = { isync: () => isProgram('mbsync') };

/**
 * Installs what is missing (as root on Debian) and says what still is and which tests are left out for it.
 * @param {{ ci?: boolean }} [options] ci: the package manager's output goes to the build log
 * @returns {{ missing: string[], leftOut: string[] }} Debian package names; kinds of tests that can not run
 */
export function ensurePeers({ ci = false } = {}) {
  const wanted = missingPeers().map((peer) => peer.name);
  if (wanted.length > 0 && mayInstall()) install(wanted, ci);
  const missing = missingPeers();
  const leftOut = [...new Set(missing.map((peer) => peer.needs))];
  if (missing.length > 0) {
    console.error(`Missing Debian packages: ${missing.map((peer) => peer.name).join(' ')}`);
    for (const tests of leftOut) console.error(`  left out: ${tests}`);
  }
  return { missing: missing.map((peer) => peer.name), leftOut };
}

/**
 * Installs one package for a benchmark.
 * @param {keyof typeof BENCH_PEERS} name
 */
export function ensureBenchPeer(name) {
  if (!BENCH_PEERS[name]() && mayInstall()) install([name], false);
  if (!BENCH_PEERS[name]()) throw new Error(`this benchmark needs the Debian package ${name}`);
}

function missingPeers() {
  return PEERS.filter((peer) => !peer.isThere());
}

function mayInstall() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && isProgram('apt-get');
}

/** --no-remove: rather fail than lose a package of this machine to a conflict. */
function install(packages, showOutput) {
  const options = { stdio: showOutput ? 'inherit' : 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  console.error(`Installing ${packages.join(' ')}`);
  const patient = ['-q', '-o', `DPkg::Lock::Timeout=${LOCK_WAIT_S}`, '-o', `Acquire::http::Timeout=${NETWORK_WAIT_S}`];
  spawnSync('apt-get', ['update', ...patient], options);
  const { status } = spawnSync('apt-get', ['install', '-y', ...patient, '--no-install-recommends', '--no-remove', ...packages], options);
  if (status !== 0) console.error(`apt-get install failed (${status})`);
}

function isProgram(name) {
  const path = (process.env.PATH ?? '').split(':');
  return [...path, '/usr/sbin', '/sbin'].some((dir) => dir !== '' && existsSync(`${dir}/${name}`));
}

function hasPhpExtension(name) {
  const root = '/usr/lib/php';
  if (!existsSync(root)) return false;
  return readdirSync(root).some((version) => existsSync(`${root}/${version}/${name}.so`));
}

function succeeds(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = ensurePeers({ ci: process.env.CI !== undefined }).missing.length > 0 ? 1 : 0;
}
