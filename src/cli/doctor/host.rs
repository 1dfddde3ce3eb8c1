//! A host that was named: whether it answers, and what servers that are no more have left there.

use serde_json::{Value, json};

use super::Check;
use crate::Result;
use crate::cli::call::answer_to;
use crate::cli::settings::Settings;

/// How many things are named; the rest is counted.
const NAMED: usize = 10;

/// Both checks, of the host of `provider`.
pub(super) fn checks(settings: &Settings, provider: &Value) -> [Check; 2] {
    let ask = |method: &str, mut params: Value| -> Result<Value> {
        params["provider"] = provider.clone();
        answer_to(&settings.service(), method, params)
    };
    let status = ask("provider.status", json!({}));
    let left = ask("server.recover", json!({"dry_run": true}));
    [answers(status), leftovers(left)]
}

pub(super) fn answers(status: Result<Value>) -> Check {
    let name = "host";
    match status {
        Ok(status) => Check::ok(name, status["message"].as_str().unwrap_or("it answers")),
        Err(error) => Check::missing(
            name,
            error.message(),
            "correct the option or the variable that says which host is meant, or see to the host",
        ),
    }
}

fn leftovers(plan: Result<Value>) -> Check {
    let name = "leftovers";
    let plan = match plan {
        Ok(plan) => plan,
        Err(error) => {
            let message = format!("the host could not be asked: {}", error.message());
            return Check::warning(name, message, "see above");
        }
    };
    let cut_off = named(&plan["would_remove"]);
    let orphans = named(&plan["would_stay"]);
    let recover = "va-driver server recover";
    let (what, remedy) = match (cut_off.is_empty(), orphans.is_empty()) {
        (true, true) => return Check::ok(name, "none that this machine or the host knows of"),
        (false, true) => ("cut off", format!("{recover} removes it")),
        (_, false) => (
            "cut off, or of servers that are no more",
            format!("{recover} --remove-orphans removes it; with --dry-run it only tells"),
        ),
    };
    let all: Vec<_> = cut_off.into_iter().chain(orphans).collect();
    let shown = all[..all.len().min(NAMED)].join(", ");
    let more = match all.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Check::warning(name, format!("{what}: {shown}{more}"), remedy)
}

/// What is in `list`, by kind and name.
fn named(list: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .map(|item| format!("{} {}", text(&item["resource"]), text(&item["name"])))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::Outcome;
    use crate::{Error, Kind};

    #[test]
    fn what_is_left_is_named_with_what_removes_it() {
        let volume =
            |name: &str| json!({"resource": "volume", "name": name, "reason": "no server"});
        let check = leftovers(Ok(json!({"dry_run": true})));
        assert_eq!(check.outcome, Outcome::Ok);
        let check = leftovers(Ok(json!({"would_remove": [volume("default/a")]})));
        assert_eq!(check.outcome, Outcome::Warning);
        assert!(check.message.contains("volume default/a"), "{check:?}");
        assert!(!check.remedy.unwrap().contains("orphans"));
        let many: Vec<_> = (0..12).map(|number| volume(&number.to_string())).collect();
        let check = leftovers(Ok(json!({"would_stay": many})));
        assert!(check.message.ends_with("volume 9 and 2 more"), "{check:?}");
        assert!(check.remedy.unwrap().contains("--remove-orphans"));
        let check = leftovers(Err(Error::new(Kind::Timeout, "it is silent")));
        assert!(check.message.contains("silent"), "{check:?}");
    }
}
