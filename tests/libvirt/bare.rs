//! A machine that has nothing but sshd becomes a host, and a server on it is logged in to: all by commands in a terminal.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::bed::image;
use crate::common::screen::Screen;
use crate::common::{stand_in, tests_dir};

/// The machine, for as long as this lives.
struct Bare {
    running: Child,
    address: String,
    dir: PathBuf,
}

impl Bare {
    fn start(dir: &Path) -> Self {
        let program = tests_dir().join("bed/bare");
        let release = std::env::var("VA_BED_RELEASE").unwrap_or_else(|_| "12".to_owned());
        let mut running = Command::new(program)
            .arg(dir)
            .arg(release)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        let mut told = BufReader::new(running.stdout.take().unwrap());
        told.read_line(&mut address).unwrap();
        assert!(!address.is_empty(), "no machine: {:?}", running.wait());
        Self {
            running,
            address: address.trim().to_owned(),
            dir: dir.to_owned(),
        }
    }

    /// ssh as it is, but with nothing of this machine's own settings.
    fn ssh(&self, bin: &Path) {
        fs::create_dir(bin).unwrap();
        let known = self.dir.join("known_hosts");
        let text = format!(
            "#!/bin/sh\nexec /usr/bin/ssh -F none -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile={} \
             -o IdentitiesOnly=yes \"$@\"\n",
            known.display()
        );
        stand_in(bin, "ssh", &text);
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        drop(self.running.stdin.take());
        let _ = self.running.wait();
    }
}

#[test]
#[ignore = "installs libvirt and boots Debian, which takes minutes: make test-debian"]
fn a_bare_debian_becomes_a_host_with_a_server_that_one_logs_in_to() {
    let dir = tempfile::tempdir().unwrap();
    let bare = Bare::start(&dir.path().join("machine"));
    let home = dir.path().join("home");
    let bin = dir.path().join("bin");
    fs::create_dir(&home).unwrap();
    bare.ssh(&bin);
    let program = Path::new(env!("CARGO_BIN_EXE_va-driver"));
    let path = format!(
        "{}:{}:/usr/bin:/bin:/usr/sbin:/sbin",
        bin.display(),
        program.parent().unwrap().display()
    );
    let state = home.join("state");
    let variables = [
        ("PATH", path.as_str()),
        ("VA_DRIVER_STATE_DIR", state.to_str().unwrap()),
    ];
    let screen = Screen::open(&home, &variables).expect("tmux");
    let says = |command: &str, expected: &[&str]| {
        let shown = screen.runs(command);
        for expected in expected {
            assert!(
                shown.contains(expected),
                "{command}: no {expected:?}: {shown}"
            );
        }
    };
    says("va-driver", &["va-driver host prepare"]);
    let key = bare.dir.join("key");
    let prepare = format!(
        "va-driver host prepare root@{} --identity {} --output kvm1.yaml",
        bare.address,
        key.display()
    );
    let made = [
        "installing libvirt",
        "making the pool default",
        "the network default is here",
        "it answers: libvirt",
    ];
    says(&prepare, &made);
    let there = [
        "libvirt and QEMU are here",
        "the pool default is here",
        "changed        no",
    ];
    says(&prepare, &there);
    says("mkdir -p .config/va-driver", &[]);
    says(
        "echo provider_file: $PWD/kvm1.yaml > .config/va-driver/config.yaml",
        &[],
    );
    let image = image::debian();
    let import = format!(
        "va-driver image import {} --name debian.qcow2",
        image.display()
    );
    says(&import, &["debian.qcow2"]);
    let create = format!(
        "va-driver server create web-1 --image debian.qcow2 --size va-small --ssh-key-file {}.pub",
        key.display()
    );
    says(&create, &["web-1", "ACTIVE"]);
    let log_in = format!(
        "va-driver server ssh web-1 -l debian --jump -- -i {} -o ConnectTimeout=10 'echo I am $(hostname)'",
        key.display()
    );
    let begun = Instant::now();
    loop {
        let shown = screen.runs(&log_in);
        if shown.contains("I am web-1") {
            break;
        }
        let patience = Duration::from_secs(600);
        assert!(begun.elapsed() < patience, "{log_in}: {shown}");
        std::thread::sleep(Duration::from_secs(3));
    }
    says("va-driver server delete web-1", &["web-1 is deleted"]);
    says("va-driver server list", &["no servers"]);
}
