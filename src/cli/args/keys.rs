//! `key …`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use super::{absolute, given};
use crate::Result;
use crate::cli::call::Call;
use crate::cli::files;
use crate::cli::look::{would_revoke, would_write};
use crate::salt::{accepted_key, key_names};

/// Where a Salt master keeps its keys, as shipped.
const PKI_DIR: &str = "/etc/salt/pki/master";

/// What is done to minion keys.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum KeyCommand {
    /// Make a minion's key pair
    Generate(GenerateArgs),
    /// Accept a minion's public key on this master
    Accept(AcceptArgs),
    /// Take a minion's key off this master
    Revoke(RevokeArgs),
    /// Print the fingerprint of a public key
    Fingerprint(FingerprintArgs),
}

/// What key to make.
#[derive(Debug, Args)]
pub(in crate::cli) struct GenerateArgs {
    /// Its length: 2048, 3072 or 4096 [default: 4096]
    #[arg(long)]
    bits: Option<u64>,
    /// Write <ID>.pem and <ID>.pub here; without it the private key is part of the result
    #[arg(long, short, value_name = "DIR", requires = "id")]
    output: Option<String>,
    /// The minion's id, which names the files
    #[arg(long, requires = "output")]
    id: Option<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Whose key to accept.
#[derive(Debug, Args)]
pub(in crate::cli) struct AcceptArgs {
    /// The minion's id
    id: String,
    /// Its public key's file; - for standard input
    key: PathBuf,
    /// The master's pki directory
    #[arg(long, value_name = "DIR", default_value = PKI_DIR, value_parser = absolute)]
    pki_dir: String,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Whose key to revoke.
#[derive(Debug, Args)]
pub(in crate::cli) struct RevokeArgs {
    /// The minion's id
    id: String,
    /// The fingerprint of the key that is meant
    #[arg(long, required_unless_present = "key", conflicts_with = "key")]
    fingerprint: Option<String>,
    /// The file of the key that is meant; - for standard input
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The master's pki directory
    #[arg(long, value_name = "DIR", default_value = PKI_DIR, value_parser = absolute)]
    pki_dir: String,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Which key's fingerprint to print.
#[derive(Debug, Args)]
pub(in crate::cli) struct FingerprintArgs {
    /// The public key's file; - for standard input
    key: PathBuf,
    /// sha256 or sha512 [default: sha256]
    #[arg(long, value_name = "HASH")]
    hash_type: Option<String>,
}

impl KeyCommand {
    pub(super) fn call(self) -> Result<Call> {
        match self {
            Self::Generate(args) => {
                let names = key_names(args.id.as_deref().unwrap_or_default());
                let files = args.output.iter().flat_map(|dir| {
                    let dir = Path::new(dir);
                    names.iter().map(move |name| dir.join(name))
                });
                let files: Vec<_> = files.collect();
                let params = json!({"bits": args.bits, "output_dir": args.output, "id": args.id});
                Ok(
                    Call::new("key.generate", given(params)).unless(args.dry_run, || {
                        would_write("make a key pair", &files, |_| false)
                    }),
                )
            }
            Self::Accept(args) => {
                let key = files::text(&args.key)?;
                let would = format!("accept the key of {} in {}", args.id, args.pki_dir);
                let accepted = accepted_key(Path::new(&args.pki_dir), &args.id);
                let params = json!({"id": args.id, "public_key": key, "pki_dir": args.pki_dir});
                Ok(Call::new("key.accept", params)
                    .unless(args.dry_run, || would_write(&would, &[accepted], |_| false)))
            }
            Self::Revoke(args) => {
                let key = args.key.as_deref().map(files::text).transpose()?;
                let accepted = accepted_key(Path::new(&args.pki_dir), &args.id);
                let would = would_revoke(&args.id, &accepted);
                let params = json!({
                    "id": args.id,
                    "pki_dir": args.pki_dir,
                    "public_key": key,
                    "fingerprint": args.fingerprint,
                });
                Ok(Call::new("key.revoke", given(params)).unless(args.dry_run, || would))
            }
            Self::Fingerprint(args) => {
                let key = files::text(&args.key)?;
                let params = json!({"public_key": key, "hash_type": args.hash_type});
                Ok(Call::new("key.fingerprint", given(params)))
            }
        }
    }
}
