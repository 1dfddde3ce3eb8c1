//! What the fields of a step can be filled with that only the host knows.

use indexmap::IndexMap;

use super::{Choice, OptionChoices, Step};
use crate::{Error, Kind, Result};

/// What a field can be filled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// One of these; a source that answered has no others.
    Choices(Vec<Choice>),
    /// Any text, because no source says which there are; why, in words.
    Text(String),
}

/// Field id to what it can be filled with.
pub type Offers = IndexMap<String, Offer>;

impl Offer {
    /// The choices that `asked` gave. A host that has no such list leaves the field to be typed.
    pub fn of(asked: Result<Vec<Choice>>) -> Result<Self> {
        match asked {
            Ok(choices) => Ok(Self::Choices(choices)),
            Err(error) if error.kind() == Kind::Unsupported => Ok(Self::Text(words(&error))),
            Err(error) => Err(error),
        }
    }
}

fn words(error: &Error) -> String {
    error.message().to_owned()
}

/// The choices among `offers`, and for people which fields of `step` are to be typed, and why.
pub(super) fn choices(offers: Offers, step: &Step) -> (OptionChoices, Vec<String>) {
    let (mut choices, mut hints) = (OptionChoices::new(), Vec::new());
    for (id, offer) in offers {
        match offer {
            Offer::Choices(all) => {
                choices.insert(id, all);
            }
            Offer::Text(why) => {
                let field = step.fields.iter().find(|field| field.id == id);
                hints.extend(field.map(|field| format!("{}: {why}; type it.", field.name)));
            }
        }
    }
    (choices, hints)
}
