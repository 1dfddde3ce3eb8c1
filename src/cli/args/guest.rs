//! `config-drive …`, `image …` and `tls …`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::given;
use super::pool::{DeleteImageArgs, NamedArgs};
use crate::Result;
use crate::cli::call::Call;
use crate::cli::files;
use crate::cli::look::would_write;
use crate::cli::options::ProviderArgs;
use crate::cli::settings::Settings;
use crate::driver::DryRun;
use crate::tls::{DEFAULT_CLIENT, layout};

/// What is done about config drives.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ConfigDriveCommand {
    /// Build a config drive's image
    Build(BuildArgs),
}

/// What drive to build.
#[derive(Debug, Args)]
pub(in crate::cli) struct BuildArgs {
    /// What the drive says, as JSON or YAML; - for standard input. `va-driver schema` describes it
    #[arg(long, value_name = "FILE")]
    seed: PathBuf,
    /// The image to write; without it the image is part of the result
    #[arg(long, short, value_name = "FILE")]
    output: Option<String>,
    /// Replace an image that is there
    #[arg(long)]
    replace: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// What is done about images.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ImageCommand {
    /// List the images that servers can be made from
    List(ProviderArgs),
    /// Bring an image to the host
    Import(ImportArgs),
    /// Show an image
    Show(NamedArgs),
    /// Delete an image that nothing stands on
    Delete(DeleteImageArgs),
}

/// What image to bring.
#[derive(Debug, Args)]
pub(in crate::cli) struct ImportArgs {
    /// A file on this machine, or an http:// or https:// URL; gzip, xz, bzip2 and zstd are unpacked
    source: String,
    #[command(flatten)]
    provider: ProviderArgs,
    /// What it is called on the host [default: the source's file name]
    #[arg(long)]
    name: Option<String>,
    /// The pool that takes it [default: the provider's]
    #[arg(long)]
    pool: Option<String>,
    /// qcow2 or raw [default: what the name's ending says]
    #[arg(long)]
    format: Option<String>,
    /// The SHA-256 that it must have, or the URL of a SHA256SUMS
    #[arg(long, value_name = "HEX|URL")]
    sha256: Option<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// What is done about certificates.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TlsCommand {
    /// Make an authority and the certificates of a host and its clients
    Init(TlsArgs),
}

/// What certificates to make.
#[derive(Debug, Args)]
pub(in crate::cli) struct TlsArgs {
    /// Where they are written
    #[arg(long, short, value_name = "DIR")]
    output: String,
    /// A name or address of the host; may be given several times
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,
    /// A client's name; may be given several times [default: va-driver]
    #[arg(long, value_name = "NAME")]
    client: Vec<String>,
    /// How long they last [default: 730]
    #[arg(long)]
    days: Option<u64>,
    /// What may be replaced: certificates, or all with the authority
    #[arg(long, value_name = "WHAT")]
    replace: Option<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

impl ConfigDriveCommand {
    pub(super) fn call(self) -> Result<Call> {
        let Self::Build(args) = self;
        let seed = files::record(&args.seed)?;
        let output = args.output.as_ref().map(PathBuf::from);
        let files: Vec<_> = output.into_iter().collect();
        let replace = args.replace;
        let params = json!({
            "seed": Value::Object(seed),
            "output": args.output,
            "replace": args.replace,
        });
        Ok(
            Call::new("config_drive.build", given(params)).unless(args.dry_run, || {
                would_write("build a config drive", &files, |_| replace)
            }),
        )
    }
}

impl ImageCommand {
    pub(super) fn call(self, settings: &Settings) -> Result<Call> {
        let args = match self {
            Self::List(provider) => {
                return Call::on("provider.images", &provider, settings, json!({}));
            }
            Self::Import(args) => args,
            Self::Show(args) => return args.call("image.show", settings),
            Self::Delete(args) => return args.call(settings),
        };
        let image = given(json!({
            "source": args.source,
            "name": args.name,
            "pool": args.pool,
            "format": args.format,
            "sha256": args.sha256,
        }));
        let params = json!({"image": image});
        let call = Call::on("image.import", &args.provider, settings, params)?;
        Ok(call.dry(args.dry_run))
    }
}

impl TlsCommand {
    pub(super) fn call(self) -> Call {
        let Self::Init(args) = self;
        let would = args.would();
        let clients = (!args.client.is_empty()).then_some(args.client);
        let params = json!({
            "directory": args.output,
            "hosts": args.host,
            "clients": clients,
            "days": args.days,
            "replace": args.replace,
        });
        Call::new("tls.init", given(params)).unless(args.dry_run, || would)
    }
}

impl TlsArgs {
    /// The files that there would be, of which those that are there serve again.
    fn would(&self) -> DryRun {
        let dir = Path::new(&self.output);
        let host = self.host.first();
        let hosts = host.into_iter().flat_map(|host| layout::of_host(dir, host));
        let default = [DEFAULT_CLIENT.to_owned()];
        let clients = if self.client.is_empty() {
            &default
        } else {
            self.client.as_slice()
        };
        let clients = clients
            .iter()
            .flat_map(|client| layout::of_client(dir, client));
        let authority = layout::of_authority(dir).into_iter();
        let files = authority.chain(hosts).chain(clients);
        let files: Vec<_> = files.map(|file| file.path).collect();
        let ca = dir.join(layout::AUTHORITY);
        let what = format!("make an authority and certificates in {}", self.output);
        would_write(&what, &files, |path| match self.replace.as_deref() {
            Some("all") => true,
            Some("certificates") => !path.starts_with(&ca),
            _ => false,
        })
    }
}
