//! What a request calls something of the cloud.

use crate::{Error, Result};

/// The name or id of something of the cloud, and the member of the request that says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) text: String,
    pub(crate) field: String,
}

impl Reference {
    /// `text` as `field` says it; none where it is empty.
    pub(super) fn given(text: Option<&String>, field: &str) -> Option<Self> {
        let text = text.filter(|text| !text.trim().is_empty())?;
        Some(Self {
            text: text.clone(),
            field: field.to_owned(),
        })
    }

    /// The availability zone that it is; an administrator may name a host behind it.
    pub(super) fn zone(&self) -> &str {
        self.text.split(':').next().unwrap_or_default()
    }
}

/// Security groups as the list `field` says them.
pub(super) fn references(texts: &[String], field: &str) -> Result<Vec<Reference>> {
    let texts = texts.iter().enumerate();
    texts
        .map(|(index, text)| {
            let field = format!("{field}/{index}");
            Reference::given(Some(text), &field)
                .ok_or_else(|| Error::invalid(field, "a security group without a name"))
        })
        .collect()
}
