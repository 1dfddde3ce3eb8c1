//! `VAR_X` placeholders, Tera templates, and the YAML that goes into them.
