//! A creation by salt-cloud.

use std::time::Instant;

use serde_json::{Value, json};

use super::fault::{fault, said};
use super::host::{Call, Host, Reply};
use super::made::{Made, is};
use super::master::pki_dir;
use super::profile::Profile;
use crate::driver::{CreateOptions, Created, PlanAnswer, Server, ServerSpec, Status, WaitFor};
use crate::drivers::creation::delegated::{self, Artifact, host_of, time_of};
use crate::drivers::creation::{
    Steps, Wanted, answer_existing, check_server_name, digest_of, name_taken, without_keys,
};
use crate::salt::MinionId;
use crate::{Error, Kind, Result};

/// Creates the server `spec`, which the driver takes.
pub(super) fn create(
    host: &Host<'_>,
    spec: &ServerSpec,
    options: CreateOptions,
) -> Result<Created> {
    let name = &spec.server_name;
    check(spec, options)?;
    let mut profile = Profile::of(host, spec)?;
    let end = Instant::now() + time_of(options);
    let mut warnings = Vec::new();
    let (asked, minion_id) = with_minion(host, &profile, spec, &mut warnings)?;
    let wanted = Wanted::check(host.cx, &asked, minion_id.as_ref(), options)?;
    let made = Made {
        host: host_of(host),
        name: name.clone(),
        digest: digest_of(without_keys(spec)),
        ids: Vec::new(),
        minion_id: minion_id.as_ref().map(ToString::to_string),
    };
    let existing = || {
        let server = host.find(name)?;
        let answer = |server| existing(host, server, &made.digest, options);
        server.map(answer).transpose()
    };
    let mut created = delegated::create(host, wanted, existing, |steps| {
        let mut created = make(host, steps, &mut profile, end, made.clone())?;
        created.server.role.clone_from(&spec.role);
        Ok(created)
    })?;
    if created.created {
        created.warnings.splice(0..0, warnings);
    }
    Ok(created)
}

/// `spec` with the minion that Salt is to install, where it is, and its id.
fn with_minion(
    host: &Host<'_>,
    profile: &Profile,
    spec: &ServerSpec,
    warnings: &mut Vec<String>,
) -> Result<(ServerSpec, Option<MinionId>)> {
    let mut spec = spec.clone();
    if !profile.deploys(host) {
        return match spec.minion {
            None => Ok((spec, None)),
            Some(_) => Err(host
                .unsupported("install a minion: its configuration says `deploy: False`")
                .with_field("/server/minion")),
        };
    }
    let id = profile.minion_id(host, &spec.server_name);
    let id = MinionId::new(id).map_err(|error| error.with_field("/server/minion/id"))?;
    let minion = spec.minion.get_or_insert_default();
    if minion.accept != Some(false) && minion.pki_dir.is_none() {
        let dir = pki_dir(&host.cx.salt_config_dir);
        if dir.is_dir() {
            minion.pki_dir = Some(dir.display().to_string());
        } else {
            warnings.push(format!(
                "the key of the minion {id} is accepted nowhere: there is no master here ({})",
                dir.display()
            ));
        }
    }
    Ok((spec, Some(id)))
}

/// Has salt-cloud make the server that is to be noted as `made`.
fn make(
    host: &Host<'_>,
    steps: &mut Steps<'_, Artifact>,
    profile: &mut Profile,
    end: Instant,
    mut made: Made,
) -> Result<Created> {
    let name = made.name.clone();
    let artifact = Artifact::Server {
        name: name.clone(),
        ids: Vec::new(),
    };
    steps.record(artifact.clone())?;
    host.hold(steps.lock()?);
    let mut host = host.clone();
    if let Some(keys) = steps.keys() {
        let private = keys.private.expose();
        host.secrets.add(private);
        let pair = [("priv_key", private), ("pub_key", keys.public.as_str())];
        let pair = pair.map(|(member, key)| (member.to_owned(), json!(key)));
        profile.members.extend(pair);
    }
    let mut warnings = Vec::new();
    let node = match run(&host, profile, &name, end) {
        Ok(node) => Some(node),
        Err(error) if error.kind() == Kind::AlreadyExists => {
            // salt-cloud has found another's of that name
            steps.forget(&artifact)?;
            return Err(error);
        }
        // its time is over: what is there stays
        Err(error) if error.kind() == Kind::Timeout && matches!(host.look(&name), Ok(Some(_))) => {
            warnings.push(format!("{name} exists but is not ready: {error}"));
            None
        }
        Err(error) => return Err(error),
    };
    host.cx.progress.report("salt-cloud", 1, 1);
    let answered = node.as_ref().and_then(Value::as_object);
    let answered = answered.map(|node| host.server_of(&name, node));
    let listed = host.look(&name).unwrap_or_else(|error| {
        warnings.push(format!(
            "{name} exists, but its details could not be read: {error}"
        ));
        None
    });
    let ids = [&answered, &listed].into_iter().flatten();
    made.ids = ids.map(|server| server.id.clone()).collect();
    made.ids.retain(|id| !id.is_empty());
    made.ids.dedup();
    host.note(&made)?;

    let mut ready = node.is_some();
    let provider = &host.provider.provider_name;
    let unseen = || Server::new(provider, &name, String::new(), Status::Unknown);
    let mut server = listed.or(answered).unwrap_or_else(unseen);
    server.managed = Some(true);
    server.minion_id = made.minion_id;
    if ready && steps.options().wait == Some(WaitFor::Address) && server.ip.is_empty() {
        warnings.push(format!("{name} exists but Salt knows no address of it"));
        ready = false;
    }
    Ok(Created {
        ready,
        warnings,
        ..Created::new(server)
    })
}

/// Has salt-cloud make the server `name`; what it answers of it.
fn run(host: &Host<'_>, profile: &Profile, name: &str, end: Instant) -> Result<Value> {
    host.cx.progress.report("salt-cloud", 0, 1);
    let doing = format!("create {name}");
    let text = profile.text()?;
    let call = Call {
        args: &["--profile", &profile.name, "--", name],
        profile: Some(&text),
        time: end.saturating_duration_since(Instant::now()),
        cancel: &host.cx.cancel,
    };
    answer_of(name, &doing, host.run(&doing, call)?)
}

/// What creating `spec` would do.
pub(super) fn plan(host: &Host<'_>, spec: &ServerSpec) -> Result<PlanAnswer> {
    let name = &spec.server_name;
    check(spec, CreateOptions::default())?;
    let profile = Profile::of(host, spec)?;
    let there = host.find(name)?;
    let create = there.is_none();
    if let Some(server) = there {
        let digest = digest_of(without_keys(spec));
        existing(host, server, &digest, CreateOptions::default())?;
    }
    let mut steps = Vec::new();
    if profile.deploys(host) {
        let id = profile.minion_id(host, name);
        steps.push(format!("make a key for the minion {id} and accept it"));
    }
    steps.push(format!("salt-cloud --profile {} {name}", profile.name));
    if !create {
        steps = vec![format!("nothing: {name} exists already")];
    }
    let shown = host
        .secrets
        .hide(&json!({&profile.name: profile.members}).to_string());
    Ok(PlanAnswer {
        create,
        steps,
        plan: json!({"profile": serde_json::from_str::<Value>(&shown).unwrap_or_default()}),
        warnings: Vec::new(),
    })
}

fn check(spec: &ServerSpec, options: CreateOptions) -> Result<()> {
    check_server_name(&spec.server_name)?;
    let not_served = |field, what| Err(Error::new(Kind::Unsupported, what).with_field(field));
    if options.seal {
        return not_served(
            "/seal",
            "a server by salt-cloud has no seed to take a key off",
        );
    }
    if options.wait == Some(WaitFor::Defined) {
        return not_served("/wait", "salt-cloud starts what it makes");
    }
    Ok(())
}

/// Answers for a server that is there already.
fn existing(
    host: &Host<'_>,
    server: Server,
    digest: &str,
    options: CreateOptions,
) -> Result<Created> {
    let why = match host.made(&server.name)? {
        None => "which this program did not make",
        Some(made) if !is(&made.ids, &server) => "which is not the one that this program made",
        Some(made) if made.digest != digest => "made from another specification",
        Some(made) => {
            let server = Server {
                managed: Some(true),
                minion_id: made.minion_id,
                ..server
            };
            return Ok(answer_existing(server, Vec::new(), options));
        }
    };
    Err(name_taken(&server.name, why))
}

/// What a creation that ended well answers of its server; not all that ends so has made one.
fn answer_of(name: &str, doing: &str, reply: Reply) -> Result<Value> {
    let answer = reply.answer.unwrap_or_default();
    let node = answer.get(name).or(answer.get("Error").map(|_| &answer));
    let error = node.and_then(|node| node.get("Error"));
    match (node, error) {
        // made, but no minion installed
        (Some(_), Some(error)) if error.get("No Deploy").is_some() => Ok(Value::Null),
        (_, Some(error)) => Err(fault(doing, &format!("{}\n{}", reply.stderr, said(error)))),
        (Some(node), None) if is_truthy(node) => Ok(node.clone()),
        _ => Err(fault(doing, &reply.stderr)),
    }
}

fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}
