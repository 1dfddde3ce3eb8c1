//! The table of a provider's members: what a driver reads of a record, by which names, and what of the
//! others it refuses or passes over on purpose.

use std::sync::LazyLock;

use serde::Serialize;

use crate::decode::suggest;
use crate::driver::ServerSpec;

/// A member that a driver reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ProviderMember {
    /// Its name.
    pub name: &'static str,
    /// What OpenStack's own programs call it in `clouds.yaml`, its own name among them where they have it;
    /// in variables in capitals, with `OS_` before it.
    pub foreign: &'static [&'static str],
    /// Further names under which it is read.
    pub synonyms: &'static [&'static str],
    /// What it says, with its unit and its default.
    pub about: &'static str,
}

impl ProviderMember {
    /// Every name under which it is read, its own first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        let others = self.foreign.iter().chain(self.synonyms).copied();
        let own = self.name;
        std::iter::once(own).chain(others.filter(move |name| *name != own))
    }
}

/// Why a member that a driver knows of is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherMember {
    /// Its name; one that begins with `*` stands for all that end so.
    pub name: &'static str,
    /// What a caller should know.
    pub why: &'static str,
}

impl OtherMember {
    pub(super) fn is(&self, name: &str) -> bool {
        match self.name.strip_prefix('*') {
            Some(ending) => name.ends_with(ending),
            None => name == self.name,
        }
    }
}

/// All that a driver knows of the members of a provider.
#[derive(Debug, Clone, Copy)]
pub struct ProviderMembers {
    /// What it reads.
    pub taken: &'static [&'static ProviderMember],
    /// What decides who, where or what elsewhere, and is not served here: refused by name.
    pub refused: &'static [OtherMember],
    /// What is passed over on purpose.
    pub passed_over: &'static [OtherMember],
    /// The member whose own members, it being a mapping, count like those that stand beside it.
    pub below: Option<&'static ProviderMember>,
}

/// What a member that a driver knows of is to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderMeaning {
    /// It is read.
    Taken(&'static ProviderMember),
    /// It is not served, and refused for this reason.
    Refused(&'static str),
    /// It is passed over on purpose, for this reason.
    PassedOver(&'static str),
}

impl ProviderMembers {
    /// What every provider may carry beside its driver's members: lists and files that `va_master` stores.
    pub const PASSED_OVER: &'static [OtherMember] = &[
        OtherMember {
            name: "networks",
            why: "va_master keeps the networks that a form has offered",
        },
        OtherMember {
            name: "sec_groups",
            why: "va_master keeps the security groups that a form has offered",
        },
        OtherMember {
            name: "images",
            why: "va_master keeps the images that a form has offered",
        },
        OtherMember {
            name: "sizes",
            why: "va_master keeps the sizes that a form has offered",
        },
    ];

    /// What `name` is to this driver, where it knows that name.
    #[must_use]
    pub fn known(&self, name: &str) -> Option<ProviderMeaning> {
        if let Some(member) = self.taken(name) {
            return Some(ProviderMeaning::Taken(member));
        }
        let mut refused = self.refused.iter();
        if let Some(other) = refused.find(|other| other.is(name)) {
            return Some(ProviderMeaning::Refused(other.why));
        }
        let mut passed_over = self.passed_over.iter().chain(Self::PASSED_OVER);
        let other = passed_over.find(|other| other.is(name))?;
        // an ending that another's have is no excuse for one of ours that is misspelt
        if other.name.starts_with('*') && self.slip(name).is_some() {
            return None;
        }
        Some(ProviderMeaning::PassedOver(other.why))
    }

    /// The member that is read and of which `name` is a misspelling. Any other name that is not known is
    /// nobody's business here, because Salt and dashboards put their own members beside ours.
    pub(crate) fn slip(&self, name: &str) -> Option<&'static str> {
        if Self::is_servers(name) {
            return None;
        }
        self.near_miss(name)
    }

    /// Whether `name` is a server's member: Salt gives such ones of a provider to its servers.
    pub(crate) fn is_servers(name: &str) -> bool {
        static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
            let schema = schemars::schema_for!(ServerSpec);
            let members = schema
                .get("properties")
                .and_then(serde_json::Value::as_object);
            members
                .map(|all| all.keys().cloned().collect())
                .unwrap_or_default()
        });
        NAMES.iter().any(|one| one == name)
    }

    /// Whether `name` is known and not served.
    pub(crate) fn refuses(&self, name: &str) -> bool {
        self.refused.iter().any(|other| other.is(name))
    }

    /// Whether `name` is known to be somebody else's.
    #[cfg(test)]
    pub(super) fn passes_over(&self, name: &str) -> bool {
        matches!(self.known(name), Some(ProviderMeaning::PassedOver(_))) || Self::is_servers(name)
    }

    /// Whether something is read under `name`.
    #[must_use]
    pub fn takes(&self, name: &str) -> bool {
        self.taken(name).is_some()
    }

    /// The name of a member that is read, where `name` is a misspelling of it.
    pub(in crate::driver) fn near_miss(&self, name: &str) -> Option<&'static str> {
        let all = self.taken.iter().flat_map(|member| member.names());
        suggest::near_miss(name, all)
    }

    /// The member that is read under `name`.
    pub(crate) fn taken(&self, name: &str) -> Option<&'static ProviderMember> {
        let mut taken = self.taken.iter().copied();
        taken.find(|member| member.names().any(|one| one == name))
    }
}

/// Declares a driver's members, each once: a constant by which it is read, and its row in the table
/// `MEMBERS`. What has no row cannot be read.
macro_rules! provider_members {
    (
        taken {
            $(
                $name:ident = $text:literal
                $(, foreign [$($foreign:literal),+])?
                $(, also [$($synonym:literal),+])?
                : $about:literal;
            )+
        }
        $(below $below:ident;)?
        refused { $($($refused:literal)|+: $refused_why:literal;)* }
        passed_over { $($($passed:literal)|+: $passed_why:literal;)* }
    ) => {
        $(
            #[doc = $about]
            pub(crate) const $name: &$crate::driver::ProviderMember =
                &$crate::driver::ProviderMember {
                    name: $text,
                    foreign: &[$($($foreign),+)?],
                    synonyms: &[$($($synonym),+)?],
                    about: $about,
                };
        )+
        /// All of them, and what is known of others.
        pub(crate) static MEMBERS: $crate::driver::ProviderMembers =
            $crate::driver::ProviderMembers {
                taken: &[$($name),+],
                refused: &[$($($crate::driver::OtherMember { name: $refused, why: $refused_why }),+),*],
                passed_over: &[$($($crate::driver::OtherMember { name: $passed, why: $passed_why }),+),*],
                below: [$($below,)?].first().copied(),
            };
    };
}
pub(crate) use provider_members;
