//! An OpenStack of our own, by `tests/bed/openstack`, for as long as the test program runs.
//!
//! All tests of one program share it, so each gives what it makes names of its own and removes it.
//! `VA_OPENSTACK_BED` names the directory of one that runs already (started with
//! `VA_BED_TOKEN_CACHE=-1`), which saves a person who runs one test again and again its start.

mod rest;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::bed_guard::BedGuard;
pub(crate) use rest::Rest;

/// A cloud with everything in it that `tests/bed/README.md` lists.
#[derive(Debug)]
pub(crate) struct OpenStack {
    env: HashMap<String, String>,
    /// None where somebody else started it.
    _guard: Option<BedGuard>,
}

impl OpenStack {
    /// The one that all tests share. No service of it remembers that a token was good.
    pub(crate) fn shared() -> &'static Self {
        static BED: OnceLock<OpenStack> = OnceLock::new();
        BED.get_or_init(|| match std::env::var_os("VA_OPENSTACK_BED") {
            Some(dir) => Self {
                env: super::env_file(&PathBuf::from(dir).join("env")),
                _guard: None,
            },
            None => Self::start(),
        })
    }

    fn start() -> Self {
        let dir = tempfile::Builder::new()
            .prefix("va-os.")
            .tempdir()
            .unwrap()
            .keep();
        let guard = BedGuard::of("openstack", &dir);
        let started = Command::new(super::tests_dir().join("bed/openstack"))
            .arg("start")
            .arg(&dir)
            .env("VA_BED_TOKEN_CACHE", "-1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&started.stderr);
        assert!(
            started.status.success(),
            "tests/bed/openstack start: {said}"
        );
        Self {
            env: super::env_file(&dir.join("env")),
            _guard: Some(guard),
        }
    }

    /// What `DIR/env` says.
    pub(crate) fn env(&self, name: &str) -> &str {
        &self.env[name]
    }

    /// The provider that uses it, as demo.
    pub(crate) fn provider(&self) -> Value {
        json!({
            "driver_name": "openstack",
            "provider_name": "cloud",
            "identity_url": self.env("VA_OS_AUTH_URL"),
            "username": self.env("VA_OS_USERNAME"),
            "password": self.env("VA_OS_PASSWORD"),
            "tenant": self.env("VA_OS_PROJECT"),
            "region": self.env("VA_OS_REGION"),
            "defaults": {"network": "private", "sec_group": "default", "image": "tiny", "size": "m1.tiny"},
        })
    }

    /// `provider` with other values for some of its members; null takes one away.
    pub(crate) fn provider_with(&self, members: &Value) -> Value {
        let mut provider = self.provider();
        let record = provider.as_object_mut().unwrap();
        for (name, value) in members.as_object().unwrap() {
            if value.is_null() {
                record.shift_remove(name);
            } else {
                record.insert(name.clone(), value.clone());
            }
        }
        provider
    }

    /// Keystone's `host:port`.
    pub(crate) fn host_ip(&self) -> &str {
        let url = self.env("VA_OS_AUTH_URL");
        url.strip_prefix("http://")
            .and_then(|rest| rest.strip_suffix("/v3"))
            .unwrap()
    }

    /// The cloud as demo sees it.
    pub(crate) fn demo(&self) -> Rest {
        self.rest("")
    }

    /// The cloud as its administrator sees it.
    pub(crate) fn admin(&self) -> Rest {
        self.rest("ADMIN_")
    }

    /// The cloud as somebody sees it who has nothing to do with demo.
    pub(crate) fn other(&self) -> Rest {
        self.rest("OTHER_")
    }

    fn rest(&self, who: &str) -> Rest {
        let of = |what: &str| self.env(&format!("VA_OS_{who}{what}"));
        Rest::log_in(
            self.env("VA_OS_AUTH_URL"),
            of("USERNAME"),
            of("PASSWORD"),
            of("PROJECT"),
        )
    }
}
