//! libvirt daemons of our own, by `tests/bed/libvirtd`, for as long as the test program runs.
//!
//! The tests of one program share a system daemon and a session daemon, each started by the first
//! test that needs it; a test that harms its daemon starts one of its own. Whatever way the program
//! ends, a shell that waits for its end stops them.

pub(crate) mod image;

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::bed_guard::BedGuard;
use super::skipped::skip;
use super::{Call, tests_dir};

/// The image that servers are made from, in the pool of every bed.
pub(crate) const IMAGE: &str = "guest.qcow2";

const NEEDS_ROOT: &str = "a system libvirtd needs root";

/// A daemon, its pool with the guest's image in it, and on a system bed its network.
#[derive(Debug)]
pub(crate) struct Bed {
    dir: PathBuf,
    env: HashMap<String, String>,
    guard: BedGuard,
}

impl Bed {
    /// The system daemon that all tests share; none for plain users, which is said aloud.
    pub(crate) fn system() -> Option<&'static Self> {
        static BED: OnceLock<Option<Bed>> = OnceLock::new();
        let bed = BED
            .get_or_init(|| is_root().then(|| Self::start("start-system")))
            .as_ref();
        if bed.is_none() {
            skip(NEEDS_ROOT);
        }
        bed
    }

    /// The same for a test whose program leaves in the middle of an upload or a download, which the daemon of libvirt
    /// 11.3 may not live through.
    pub(crate) fn to_leave() -> Option<&'static Self> {
        let bed = Self::system()?;
        if bed.release() < 11 {
            return Some(bed);
        }
        skip("libvirt 11.3's daemon hangs where a client leaves in the middle of an upload");
        None
    }

    /// A system daemon for one test, stopped when it is dropped.
    pub(crate) fn own_system() -> Option<Self> {
        if is_root() {
            return Some(Self::start("start-system"));
        }
        skip(NEEDS_ROOT);
        None
    }

    /// A plain user's daemon, that all tests share.
    pub(crate) fn session() -> &'static Self {
        static BED: OnceLock<Bed> = OnceLock::new();
        BED.get_or_init(|| Self::start("start-session"))
    }

    fn start(kind: &str) -> Self {
        // Short, because it is part of the names of sockets.
        let dir = tempfile::Builder::new()
            .prefix("va.")
            .rand_bytes(5)
            .tempdir_in("/tmp")
            .unwrap()
            .keep();
        let guard = BedGuard::of("libvirtd", &dir);
        if kind == "start-system" {
            certificates(&dir);
        }
        let started = script().arg(kind).arg(&dir).output().unwrap();
        let said = String::from_utf8_lossy(&started.stderr);
        assert!(
            started.status.success(),
            "tests/bed/libvirtd {kind}: {said}"
        );
        let env = super::env_file(&dir.join("env"));
        let bed = Self { dir, env, guard };
        // virtlogd makes the log, not its directory.
        fs::create_dir(bed.path("console")).unwrap();
        fs::set_permissions(bed.path("console"), fs::Permissions::from_mode(0o777)).unwrap();
        fs::copy(image::path(), bed.pool().join(IMAGE)).unwrap();
        bed.refresh();
        bed
    }

    /// What `DIR/env` says.
    pub(crate) fn env(&self, name: &str) -> &str {
        &self.env[name]
    }

    /// A path below the bed's directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The pool's directory.
    pub(crate) fn pool(&self) -> PathBuf {
        self.env("VA_POOL_DIR").into()
    }

    /// The provider that uses this bed.
    pub(crate) fn provider(&self) -> Value {
        let network = self.env.get("VA_NETWORK").map_or("user", String::as_str);
        json!({
            "driver_name": "libvirt",
            "provider_name": "bed",
            "uri": self.env("VA_URI_UNIX"),
            "virt_type": "qemu",
            "graphics": "none",
            "console_log": self.path("console"),
            "flavours": {
                "tiny": {"num_cpus": 1, "memory": 262_144, "vol_capacity": 1, "cost": 0.25},
                "roomy": {"num_cpus": 2, "memory": 524_288, "vol_capacity": 2},
            },
            "defaults": {"network": network, "image": IMAGE, "size": "tiny"},
        })
    }

    /// Runs `virsh`; what it printed, or what it complained of.
    pub(crate) fn try_virsh(&self, arguments: &[&str]) -> Result<String, String> {
        let output = Command::new("virsh")
            .env("LC_ALL", "C")
            .args(["-q", "-c", self.env("VA_URI_UNIX")])
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() {
            Ok(text(&output.stdout))
        } else {
            Err(text(&output.stderr))
        }
    }

    /// The same where it must succeed.
    pub(crate) fn virsh(&self, arguments: &[&str]) -> String {
        self.try_virsh(arguments)
            .unwrap_or_else(|error| panic!("virsh {arguments:?}: {error}"))
    }

    /// Lets the pool see what was put into its directory.
    pub(crate) fn refresh(&self) {
        let until = Instant::now() + Duration::from_secs(60);
        while let Err(error) = self.try_virsh(&["pool-refresh", "default"]) {
            // while a volume of it is copied, by another test
            let is_busy = error.contains("has asynchronous jobs");
            assert!(is_busy && Instant::now() < until, "{error}");
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Defines what `xml` describes: `define`, `pool-define` …
    pub(crate) fn define(&self, what: &str, xml: &str) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(xml.as_bytes()).unwrap();
        self.virsh(&[what, file.path().to_str().unwrap()]);
    }

    /// The release of libvirt's daemon, without what follows its first point.
    pub(crate) fn release(&self) -> u32 {
        let said = self.virsh(&["version", "--daemon"]);
        let of_daemon = said
            .lines()
            .find_map(|line| line.strip_prefix("Running against daemon: "));
        of_daemon
            .unwrap()
            .split('.')
            .next()
            .unwrap()
            .parse()
            .unwrap()
    }

    /// The state of a domain, in virsh's words.
    pub(crate) fn state(&self, server: &str) -> String {
        self.virsh(&["domstate", server])
    }

    /// All that the host has of the server `name`: domain, volumes, UEFI variables.
    pub(crate) fn leftovers(&self, name: &str) -> Vec<String> {
        let stem = format!("{name}.");
        let domains = self.virsh(&["list", "--all", "--name"]);
        let mut found: Vec<String> = domains
            .lines()
            .filter(|line| *line == name)
            .map(|line| format!("domain {line}"))
            .collect();
        let listed = self.virsh(&["vol-list", "default"]);
        let volumes = listed
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .filter(|volume| volume.starts_with(&stem));
        found.extend(volumes.map(|volume| format!("volume {volume}")));
        found.extend(files(&self.pool(), &stem));
        found.extend(files(&self.nvram(), &format!("{name}_VARS")));
        found
    }

    /// Where the daemon keeps UEFI variables.
    pub(crate) fn nvram(&self) -> PathBuf {
        self.path("var/qemu/nvram")
    }

    /// What the guest `name` wrote to its serial console so far.
    pub(crate) fn console(&self, name: &str) -> String {
        let log = self.path("console").join(format!("{name}.log"));
        fs::read(log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// Kills the daemon as a crash would.
    pub(crate) fn crash(&self) {
        let pid = fs::read_to_string(self.path("libvirtd.pid")).unwrap();
        let pid = rustix::process::Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }

    /// Starts the daemon again after a crash.
    pub(crate) fn restart(&self) {
        let done = script().arg("restart").arg(&self.dir).output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{said}");
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        self.guard.end();
    }
}

/// `tests/bed/libvirtd`.
fn script() -> Command {
    Command::new(tests_dir().join("bed/libvirtd"))
}

/// Certificates for TLS, made by the program: the authority and a client's in `DIR/tls`, what the
/// daemon needs in `DIR/pki`.
fn certificates(dir: &Path) {
    let made = dir.join("tls");
    Call::new("tls.init")
        .with("directory", made.to_str().unwrap())
        .with("hosts", json!(["127.0.0.1"]))
        .result();
    fs::create_dir(dir.join("pki")).unwrap();
    for name in ["cacert.pem", "servercert.pem", "serverkey.pem"] {
        fs::copy(
            made.join("server/127.0.0.1").join(name),
            dir.join("pki").join(name),
        )
        .unwrap();
    }
}

/// The files of `dir` whose names begin with `stem`.
fn files(dir: &Path, stem: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(dir) else {
        return Vec::new();
    };
    entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(stem))
        .map(|name| format!("file {name}"))
        .collect()
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
