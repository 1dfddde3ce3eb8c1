//! A creation, and its undoing.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::fault::{fault, said};
use super::host::{Call, Reply};
use super::minion::{accept_key, await_minion, minion};
use super::note::{Made, Note};
use super::profile::Profile;
use super::{Host, remove};
use crate::driver::{
    Context, CreateOptions, Created, Driver, PlanAnswer, Provider, Server, ServerSpec, Status,
    WaitFor, check_server_name, created_minion, digest_of, name_taken, without_keys,
};
use crate::salt::StartEvent;
use crate::{Error, Kind, Result};

/// How long a creation may take that nobody gave a time, in seconds: a bootstrap by SSH takes minutes.
const PATIENCE: u64 = 1200;

/// Creates the server `spec`, which the driver takes.
pub(super) fn create(
    driver: &dyn Driver,
    cx: &Context,
    provider: &Provider,
    spec: &ServerSpec,
    options: CreateOptions,
) -> Result<Created> {
    let name = &spec.server_name;
    check(spec, options)?;
    let mut host = Host::of(driver, cx, provider)?;
    let mut profile = Profile::of(driver, cx, provider, spec)?;
    let limit = Duration::from_secs(options.timeout.unwrap_or(PATIENCE));
    let end = Instant::now() + limit;

    let mut note = Note::of(&host, name, limit)?;
    remove::clear_up(&host, &mut note)?;
    let digest = digest_of(without_keys(spec));
    if let Some(server) = host.find(name)? {
        return existing(server, &note, &digest, options);
    }
    let mut minion = minion(&host, &profile, spec)?;
    let mut listener = match &minion {
        Some((_, id)) if options.wait == Some(WaitFor::Minion) => {
            Some(StartEvent::listen(&cx.salt_config_dir, id)?)
        }
        _ => None,
    };
    let mut made = Made {
        driver: host.driver_id.clone(),
        provider: provider.provider_name.clone(),
        name: name.clone(),
        digest,
        minion_id: minion.as_ref().map(|(_, id)| id.to_string()),
        ..Made::default()
    };
    let mut warnings = Vec::new();
    let mut accepted = false;
    if let Some((keys, id)) = &mut minion {
        let private = keys.private.expose();
        host.secrets.add(private);
        profile
            .members
            .insert("priv_key".to_owned(), json!(private));
        profile
            .members
            .insert("pub_key".to_owned(), json!(keys.public));
        accepted = accept_key(&host, &mut note, &mut made, spec, (keys, id), &mut warnings)?;
    }
    if !accepted {
        note.write(made.clone())?;
    }

    let (node, mut ready) = execute(&host, &mut note, &profile, end, &mut warnings)?;
    cx.progress.report("salt-cloud", 1, 1);
    let from_answer = node.as_object().map(|node| host.server_of(name, node));
    let listed = remove::stands(&host, name).unwrap_or_else(|error| {
        warnings.push(format!(
            "{name} exists, but its details could not be read: {error}"
        ));
        None
    });
    let ids = [&from_answer, &listed]
        .into_iter()
        .flatten()
        .map(|server| server.id.clone());
    made.ids = ids.filter(|id| !id.is_empty()).collect();
    made.ids.dedup();
    made.whole = true;
    note.write(made)?;

    let mut server = listed.or(from_answer).unwrap_or_else(|| {
        Server::new(
            &provider.provider_name,
            name,
            String::new(),
            Status::Unknown,
        )
    });
    server.role.clone_from(&spec.role);
    server.managed = Some(true);
    server.minion_id = minion.as_ref().map(|(_, id)| id.to_string());
    if ready && let Some(listener) = &mut listener {
        ready = match await_minion(cx, listener, end) {
            Err(error) if error.kind() == Kind::Cancelled => {
                return Err(remove::undo(&host, &mut note, error));
            }
            heard => heard.unwrap_or_else(|error| {
                warnings.push(error.message().to_owned());
                false
            }),
        };
        if !ready {
            warnings.push(format!(
                "{name} exists but its minion was not heard in time"
            ));
        }
    }
    if ready && options.wait == Some(WaitFor::Address) && server.ip.is_empty() {
        warnings.push(format!("{name} exists but Salt knows no address of it"));
        ready = false;
    }
    Ok(Created {
        created: true,
        ready,
        sealed: false,
        server,
        minion: minion.and_then(|(keys, id)| created_minion(Some(keys), Some(&id), accepted)),
        warnings,
    })
}

/// Has salt-cloud make the server of `note`; what it answers of it, and whether it came to its end in time.
fn execute(
    host: &Host<'_>,
    note: &mut Note,
    profile: &Profile,
    end: Instant,
    warnings: &mut Vec<String>,
) -> Result<(Value, bool)> {
    let name = &note.made.clone().unwrap_or_default().name;
    host.cx.progress.report("salt-cloud", 0, 1);
    let text = profile.text()?;
    let doing = format!("create {name}");
    let outcome = note.lock().and_then(|lock| {
        let call = Call {
            args: &["--profile", &profile.name, "--", name],
            profile: Some(&text),
            time: end.saturating_duration_since(Instant::now()),
            lock: Some(lock),
            cancel: &host.cx.cancel,
        };
        answer_of(name, &doing, host.run(&doing, call)?)
    });
    match outcome {
        Ok(node) => Ok((node, true)),
        // its time is over: what is there stays
        Err(error) if error.kind() == Kind::Timeout => match remove::stands(host, name) {
            Ok(Some(_)) => {
                warnings.push(format!("{name} exists but is not ready: {error}"));
                Ok((Value::Null, false))
            }
            _ => Err(remove::undo(host, note, error)),
        },
        Err(error) => Err(remove::undo(host, note, error)),
    }
}

/// What creating `spec` would do.
pub(super) fn plan(
    driver: &dyn Driver,
    cx: &Context,
    provider: &Provider,
    spec: &ServerSpec,
) -> Result<PlanAnswer> {
    let name = &spec.server_name;
    check(spec, CreateOptions::default())?;
    let host = Host::of(driver, cx, provider)?;
    let profile = Profile::of(driver, cx, provider, spec)?;
    let note = Note::of(&host, name, Duration::ZERO)?;
    let there = host.find(name)?;
    let create = there.is_none();
    if let Some(server) = there {
        existing(
            server,
            &note,
            &digest_of(without_keys(spec)),
            CreateOptions::default(),
        )?;
    }
    let mut steps = Vec::new();
    if profile.deploys(&host) {
        let id = profile.minion_id(&host, name);
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
fn existing(server: Server, note: &Note, digest: &str, options: CreateOptions) -> Result<Created> {
    let name = &server.name;
    let why = match &note.made {
        None => "which this program did not make",
        Some(made) if !remove::is(made, &server) => "which is not the one that this program made",
        Some(made) if made.digest != digest => "made from another specification",
        Some(made) => {
            let ready = match options.wait {
                Some(WaitFor::Address) => !server.ip.is_empty(),
                _ => server.status == Status::Active,
            };
            let not_ready = format!("{name} exists already, and is {}", server.state);
            return Ok(Created {
                created: false,
                ready,
                sealed: false,
                minion: None,
                warnings: Some(not_ready).filter(|_| !ready).into_iter().collect(),
                server: Server {
                    managed: Some(true),
                    minion_id: made.minion_id.clone(),
                    ..server
                },
            });
        }
    };
    Err(name_taken(name, why))
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
