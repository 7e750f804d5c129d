use wellmet::model::FieldErrors;

/// What was typed and what is wrong with it: all a page needs to show a form again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormState {
    values: Vec<(String, String)>,
    scope: &'static str,
    /// What is wrong, by field.
    pub errors: FieldErrors,
}

impl FormState {
    /// A form that nobody has filled in yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// As it was sent, in order; a name may occur several times.
    pub fn sent(values: Vec<(String, String)>) -> Self {
        Self { values, ..Self::default() }
    }

    /// For the second form on a page: its ids begin with `scope`, so they differ from the first one's.
    pub fn scoped(self, scope: &'static str) -> Self {
        Self { scope, ..self }
    }

    /// With `value` in the field `name`, as when something is edited.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.values.push((name.into(), value.into()));
        self
    }

    /// The same form with what is wrong with it.
    pub fn failed(self, errors: FieldErrors) -> Self {
        Self { errors, ..self }
    }

    /// The field `name`: for `of=` of the field components.
    pub fn field(&self, name: &str) -> FieldState {
        let error = self.errors.about(name).map(str::to_owned);
        FieldState { name: name.to_owned(), value: self.value(name).to_owned(), error, scope: self.scope }
    }

    /// What was typed into `name`; empty if nothing was.
    pub fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// Every value of a field that may be sent several times.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.values.iter().filter(|(field, _)| field == name).map(|(_, value)| value.as_str()).collect()
    }

    /// Whether anything is wrong.
    pub fn has_errors(&self) -> bool {
        !self.errors.0.is_empty()
    }
}

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldState {
    /// Its name.
    pub name: String,
    /// What was typed.
    pub value: String,
    /// What is wrong with it.
    pub error: Option<String>,
    scope: &'static str,
}

impl FieldState {
    /// The control's id in the page.
    pub fn id(&self) -> String {
        format!("{}f-{}", self.scope, self.name)
    }

    /// The hint's id.
    pub fn hint_id(&self) -> String {
        format!("{}-hint", self.id())
    }

    /// The error's id.
    pub fn error_id(&self) -> String {
        format!("{}-error", self.id())
    }

    /// What describes the control: its hint, if there is one, and its error, if there is one.
    pub fn described_by(&self, hint: bool) -> Option<String> {
        let ids = [hint.then(|| self.hint_id()), self.error.is_some().then(|| self.error_id())];
        let ids: Vec<String> = ids.into_iter().flatten().collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}
