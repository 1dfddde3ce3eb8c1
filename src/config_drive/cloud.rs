//! The seed of a guest whose metadata a cloud writes: what is left to say is the user-data.

use zeroize::Zeroizing;

use super::{Seed, check, user_data};
use crate::Result;

/// The user-data that says of `seed` what the cloud's metadata does not: all but the SSH key that the
/// cloud itself hands over, which is the first where `first_key_by_cloud`. None where nothing is left.
///
/// # Errors
/// `invalid_field`, with the member's JSON pointer, for what cannot be.
pub(crate) fn cloud_user_data(
    seed: &Seed,
    first_key_by_cloud: bool,
) -> Result<Option<Zeroizing<Vec<u8>>>> {
    check::seed(seed)?;
    let also = user_data::Also {
        ssh_keys: seed
            .ssh_keys
            .get(usize::from(first_key_by_cloud)..)
            .unwrap_or_default(),
        // a cloud takes dots out of the name that it makes of a server's
        fqdn: Some(seed.full_name()).filter(|name| name.contains('.')),
    };
    let nothing = seed.minion.is_none()
        && seed.user_data.is_none()
        && also.ssh_keys.is_empty()
        && also.fqdn.is_none();
    if nothing {
        return Ok(None);
    }
    user_data::content_with(seed, also).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    const KEYS: [&str; 2] = [
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL5C1vhEEvgqSJT2xwxZBAAmfIJyMjyYQ4C8M7lzL5nM a",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL5C1vhEEvgqSJT2xwxZBAAmfIJyMjyYQ4C8M7lzL5nM b",
    ];

    fn seed(hostname: &str) -> Seed {
        let mut seed = Seed::new(uuid::Uuid::from_u128(1), hostname);
        seed.ssh_keys = KEYS.map(str::to_owned).to_vec();
        seed
    }

    fn text(seed: &Seed, first_key_by_cloud: bool) -> Option<String> {
        let content = cloud_user_data(seed, first_key_by_cloud).unwrap();
        content.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn what_the_cloud_says_is_left_out() {
        let mut seed = seed("web1");
        let both = text(&seed, false).unwrap();
        assert!(both.contains(KEYS[0]) && both.contains(KEYS[1]), "{both}");
        let rest = text(&seed, true).unwrap();
        assert!(!rest.contains(KEYS[0]) && rest.contains(KEYS[1]), "{rest}");
        seed.ssh_keys.truncate(1);
        assert_eq!(text(&seed, true), None);
    }

    #[test]
    fn keys_and_a_full_name_stand_beside_the_users_own() {
        let mut seed = seed("web1.example.org");
        seed.user_data = Some(Secret::new("#!/bin/sh\ntrue\n".into()));
        let all = text(&seed, true).unwrap();
        for part in ["#!/bin/sh", KEYS[1], "web1.example.org", "va-driver-guest"] {
            assert!(all.contains(part), "{part}: {all}");
        }
        seed.user_data = None;
        let config = text(&seed, true).unwrap();
        let config: serde_json::Value = serde_yaml::from_str(&config).unwrap();
        assert_eq!(config["fqdn"], "web1.example.org");
        assert_eq!(config["ssh_authorized_keys"], serde_json::json!([KEYS[1]]));
    }
}
