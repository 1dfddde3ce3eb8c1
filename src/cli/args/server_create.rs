//! `server create` and `server plan`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::given;
use crate::cli::call::Call;
use crate::cli::files;
use crate::cli::options::ProviderArgs;
use crate::cli::settings::Settings;
use crate::cli::several;
use crate::driver::members::{self, Member};
use crate::{Error, Kind, Result};

/// The server to create.
#[derive(Debug, Args)]
pub(in crate::cli) struct CreateArgs {
    /// The server's name; may stand in --spec instead
    name: Option<String>,
    #[command(flatten)]
    provider: ProviderArgs,
    /// The image [default: the provider's]
    #[arg(long)]
    image: Option<String>,
    /// The size (flavour) [default: the provider's]
    #[arg(long)]
    size: Option<String>,
    /// A network; may be given several times [default: the provider's]
    #[arg(long, value_name = "NETWORK")]
    network: Vec<String>,
    /// A static address of its first interface, such as 192.0.2.7/24; may be given several times
    /// [default: by DHCP]
    #[arg(long, value_name = "CIDR")]
    address: Vec<String>,
    /// A default gateway; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    gateway: Vec<String>,
    /// A name server; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    dns: Vec<String>,
    /// A port of the cloud's that is there already; may be given several times
    #[arg(long, value_name = "PORT")]
    port: Vec<String>,
    /// A security group; may be given several times [default: the provider's]
    #[arg(long, value_name = "GROUP")]
    sec_group: Vec<String>,
    /// Give it a floating IP, from this external network [default: the provider's, or the only one]
    #[arg(long, value_name = "NETWORK", num_args = 0..=1, default_missing_value = "")]
    floating_ip: Option<String>,
    /// Make its root disk a volume, of this many GiB [default: the size's disk]
    #[arg(long, value_name = "GIB", num_args = 0..=1, default_missing_value = "0")]
    boot_volume: Option<u64>,
    /// The type of that volume
    #[arg(long, value_name = "TYPE")]
    volume_type: Option<String>,
    /// A key pair that the cloud has
    #[arg(long, value_name = "KEY_PAIR")]
    key_name: Option<String>,
    /// The availability zone [default: the provider's]
    #[arg(long, value_name = "ZONE")]
    availability_zone: Option<String>,
    /// The role, which the minion gets as the grain `role`
    #[arg(long)]
    role: Option<String>,
    /// How the root disk is made from the image
    #[arg(long, value_enum)]
    clone: Option<Clone>,
    /// An extra disk, in GiB
    #[arg(long, value_name = "GIB")]
    storage_disk: Option<u64>,
    /// An extra disk, in GiB, and what else is said of it: 20, or 20,pool=fast; may be given several times
    #[arg(long, value_name = "GIB[,NAME=VALUE]", value_parser = disk)]
    disk: Vec<Value>,
    /// What the guest starts with: bios or uefi
    #[arg(long)]
    firmware: Option<String>,
    /// A public SSH key itself; may be given several times
    #[arg(long, value_name = "KEY")]
    ssh_key: Vec<String>,
    /// A file with public SSH keys; may be given several times
    #[arg(long, value_name = "FILE")]
    ssh_key_file: Vec<PathBuf>,
    /// A file with user-data of your own, which is merged with what is needed
    #[arg(long, value_name = "FILE")]
    user_data: Option<PathBuf>,
    /// Give it a Salt minion, with this id [default: the server's name]
    #[arg(long, value_name = "ID", num_args = 0..=1, default_missing_value = "")]
    minion: Option<String>,
    /// The minion's master
    #[arg(long, value_name = "ADDRESS")]
    master: Option<String>,
    /// The fingerprint of the master's public key, so that the guest trusts no other
    #[arg(long, value_name = "FINGERPRINT")]
    master_finger: Option<String>,
    /// The master's pki directory on this machine, where the minion's key is accepted
    #[arg(long, value_name = "DIR", value_parser = super::absolute)]
    pki_dir: Option<String>,
    /// A field that servers of this driver have beside the usual ones, such as ip=192.0.2.7; may be given
    /// several times. Passwords belong into --spec: everybody on this machine can read a command line
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
    /// All of the server as JSON or YAML; - for standard input. What options say counts over it. Several
    /// servers are a list, or documents of YAML: they are created side by side, those that stand are left,
    /// and what one comes to does not touch the others
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// How far to wait [default: running]
    #[arg(long, value_enum)]
    wait: Option<Wait>,
    /// How long to wait [default: 300]
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    /// Take the private key off the seed once the minion has started: with --wait minion
    #[arg(long)]
    seal: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// How the root disk is made from the image.
#[derive(Debug, Copy, std::clone::Clone, ValueEnum)]
enum Clone {
    /// An overlay that keeps only what differs
    Linked,
    /// A copy
    Full,
}

/// How far to wait.
#[derive(Debug, Copy, std::clone::Clone, ValueEnum)]
enum Wait {
    /// Defined, and not started
    Defined,
    /// Started
    Running,
    /// It has an address
    Address,
    /// Its minion has started; only on the minion's master
    Minion,
}

impl CreateArgs {
    pub(super) fn plan(self, settings: &Settings) -> Result<Call> {
        let servers = self.servers()?;
        let call = Call::on("server.plan", &self.provider, settings, json!({}))?;
        Ok(call.for_each("server", servers))
    }

    pub(super) fn create(self, settings: &Settings) -> Result<Call> {
        if self.dry_run {
            let servers = self.servers()?;
            let call = Call::on("server.create", &self.provider, settings, json!({}))?;
            let call = call.for_each("server", servers);
            return Ok(Call {
                method: "server.plan",
                ..call
            });
        }
        let wait = self.wait.map(|wait| match wait {
            Wait::Defined => "defined",
            Wait::Running => "running",
            Wait::Address => "address",
            Wait::Minion => "minion",
        });
        let params = json!({
            "wait": wait,
            "timeout": self.timeout,
            "seal": self.seal,
        });
        let servers = self.servers()?;
        let call = Call::on("server.create", &self.provider, settings, given(params))?;
        Ok(call.for_each("server", servers))
    }

    /// The servers: what `--spec` says of each, and over it what the options say.
    fn servers(&self) -> Result<Vec<Value>> {
        let specs = match &self.spec {
            Some(path) => files::records(path)?,
            None => vec![Map::new()],
        };
        if specs.len() > 1 && self.name.is_some() {
            let message =
                "--spec has several servers, which cannot all have the name that is given";
            return Err(Error::invalid("/server/server_name", message));
        }
        let servers: Vec<_> = specs
            .into_iter()
            .map(|spec| self.server(spec))
            .collect::<Result<_>>()?;
        if servers.len() > 1 {
            several::check_names(&servers)?;
        }
        Ok(servers)
    }

    fn server(&self, mut server: Map<String, Value>) -> Result<Value> {
        let clone = self.clone.map(|clone| match clone {
            Clone::Linked => "linked",
            Clone::Full => "full",
        });
        let user_data = self.user_data.as_deref().map(files::text).transpose()?;
        let options = given(json!({
            "server_name": self.name,
            "role": self.role,
            "image": self.image,
            "size": self.size,
            "clone": clone,
            "storage_disk": self.storage_disk,
            "user_data": user_data,
            "floating_ip": self.floating_ip,
            "key_name": self.key_name,
            "availability_zone": self.availability_zone,
            "firmware": self.firmware,
            "addresses": some(&self.address),
            "gateways": some(&self.gateway),
            "dns": some(&self.dns),
            "disks": some(&self.disk),
        }));
        put(&mut server, "", options);
        server.extend(
            self.set
                .iter()
                .map(|(name, value)| (name.clone(), json!(value))),
        );
        self.cloud(&mut server);
        if !(self.ssh_key_file.is_empty() && self.ssh_key.is_empty()) {
            put(&mut server, "", json!({"ssh_keys": self.ssh_keys()?}));
        }
        self.minion(&mut server)?;
        if self.name.is_none() && self.spec.is_none() {
            return Err(Error::invalid(
                "/server/server_name",
                "the server has no name: give it as the first argument, or in --spec",
            ));
        }
        Ok(Value::Object(server))
    }

    /// Adds what the options say of networks, security groups and the root disk to `server`.
    fn cloud(&self, server: &mut Map<String, Value>) {
        if !(self.network.is_empty() && self.port.is_empty()) {
            remove(server, "network");
            let networks = self.network.iter().map(|network| json!(network));
            let ports = self.port.iter().map(|port| json!({"port": port}));
            let all: Value = networks.chain(ports).collect();
            put(server, "", json!({"networks": all}));
        }
        if !self.sec_group.is_empty() {
            remove(server, "sec_group");
            put(server, "", json!({"sec_groups": self.sec_group}));
        }
        if self.boot_volume.is_some() || self.volume_type.is_some() {
            let size = self.boot_volume.filter(|gib| *gib > 0);
            let volume = given(json!({"size": size, "volume_type": self.volume_type}));
            put(server, "", json!({"boot_volume": volume}));
        }
    }

    fn ssh_keys(&self) -> Result<Value> {
        let mut keys: Vec<_> = self
            .ssh_key
            .iter()
            .map(|key| Value::from(key.trim()))
            .collect();
        for path in &self.ssh_key_file {
            let text = files::text(path)?;
            if text.contains("PRIVATE KEY") {
                let message = format!(
                    "{} holds a private key; --ssh-key-file takes the public one (.pub)",
                    path.display()
                );
                return Err(Error::new(Kind::InvalidField, message));
            }
            let lines = text.lines().map(str::trim);
            keys.extend(
                lines
                    .filter(|line| !line.is_empty() && !line.starts_with('#'))
                    .map(Value::from),
            );
        }
        Ok(Value::Array(keys))
    }

    /// Adds what the options say of the minion to `server`.
    fn minion(&self, server: &mut Map<String, Value>) -> Result<()> {
        let id = self.minion.as_deref().filter(|id| !id.is_empty());
        let options = given(json!({
            "id": id,
            "master": self.master,
            "master_finger": self.master_finger,
            "pki_dir": self.pki_dir,
        }));
        if self.minion.is_none() && options == json!({}) {
            return Ok(());
        }
        match server.entry("minion").or_insert_with(|| json!({})) {
            Value::Object(minion) => {
                put(minion, "minion/", options);
                Ok(())
            }
            _ => Err(Error::invalid(
                "/server/minion",
                "minion in --spec is not a mapping",
            )),
        }
    }
}

/// What was given, if anything was.
fn some<T>(given: &[T]) -> Option<&[T]> {
    Some(given).filter(|given| !given.is_empty())
}

/// `20` or `20,pool=fast`; a value is JSON where it is any, else text.
fn disk(text: &str) -> std::result::Result<Value, String> {
    let mut parts = text.split(',');
    let size: u64 = parts
        .next()
        .and_then(|size| size.parse().ok())
        .ok_or("begin with its size in GiB: 20, or 20,pool=fast")?;
    let mut disk = Map::from_iter([("size".to_owned(), json!(size))]);
    for part in parts {
        let (name, value) = setting(part)?;
        let value = serde_json::from_str(&value).unwrap_or_else(|_| Value::from(value));
        disk.insert(name, value);
    }
    Ok(Value::Object(disk))
}

/// `name=value`, as text.
fn setting(text: &str) -> std::result::Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or("write it as NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Puts `options` into `object`, whose members' paths begin with `above`, instead of what those members
/// are there by any of their names.
fn put(object: &mut Map<String, Value>, above: &str, options: Value) {
    let Value::Object(options) = options else {
        return;
    };
    for (name, value) in options {
        remove(object, &format!("{above}{name}"));
        object.insert(name, value);
    }
}

/// Takes the member at `path` out of `object`, by any of its names.
fn remove(object: &mut Map<String, Value>, path: &str) {
    for name in members::member(path).into_iter().flat_map(Member::names) {
        object.shift_remove(name);
    }
}
