//! Whether creations were cut off.

use super::Check;
use crate::cli::settings::Settings;
use crate::transaction::{Journal, Leftovers};

/// Looks for journals whose program is gone, and for those that no program takes up.
pub(super) fn abandoned(settings: &Settings) -> Check {
    let name = "unfinished creations";
    match Journal::leftovers(&settings.state_dir) {
        Ok(leftovers) => told(name, &leftovers),
        Err(error) => Check::warning(
            name,
            error.message(),
            "run this as the user whose journals they are, or as root",
        ),
    }
}

fn told(name: &'static str, leftovers: &Leftovers) -> Check {
    let mut messages = Vec::new();
    let mut remedies: Vec<&str> = Vec::new();
    if !leftovers.unfinished.is_empty() {
        let all: Vec<_> = leftovers
            .unfinished
            .iter()
            .map(|one| format!("{} on {}", one.subject, one.host))
            .collect();
        messages.push(format!("no program is at {} any more", all.join(", ")));
        remedies
            .push("va-driver server recover --provider NAME removes what is left, host by host");
    }
    for problem in &leftovers.problems {
        messages.push(format!("{}: {}", problem.path.display(), problem.why));
        if !remedies.contains(&problem.way_out.as_str()) {
            remedies.push(&problem.way_out);
        }
    }
    if messages.is_empty() {
        return Check::ok(name, "none");
    }
    Check::warning(name, messages.join("; "), remedies.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::{Problem, Unfinished};

    #[test]
    fn what_is_unfinished_and_what_is_wrong_is_told_with_the_way_out() {
        let told = |leftovers: &Leftovers| {
            let check = told("journals", leftovers);
            (check.message, check.remedy.unwrap_or_default())
        };
        let mut leftovers = Leftovers::default();
        assert_eq!(told(&leftovers), ("none".to_owned(), String::new()));
        leftovers.unfinished.push(Unfinished {
            subject: "web-1".into(),
            host: "qemu:///system".into(),
        });
        let problem = Problem {
            path: "/j/1.jsonl".into(),
            why: "is odd".into(),
            way_out: "delete it".into(),
        };
        leftovers.problems = vec![problem.clone(), problem];
        let (message, remedy) = told(&leftovers);
        assert_eq!(
            message,
            "no program is at web-1 on qemu:///system any more; /j/1.jsonl: is odd; /j/1.jsonl: is odd"
        );
        assert!(remedy.contains("server recover") && remedy.ends_with("host by host; delete it"));
    }
}
