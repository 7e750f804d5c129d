use std::fmt;

use serde::{Deserialize, Serialize};

/// An ISO 4217 currency, three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// The euro, the default.
    pub const EUR: Self = Self(*b"EUR");

    /// The code, as stored and sent.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("")
    }

    /// From a code in either case; `None` unless it is three letters.
    pub fn parse(code: &str) -> Option<Self> {
        let mut bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes.make_ascii_uppercase();
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Self(bytes))
    }

    /// How many digits stand after the point (ISO 4217 exponent).
    pub fn digits(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX" | b"UYI" | b"VND" | b"VUV"
            | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = &'static str;

    fn try_from(code: String) -> Result<Self, Self::Error> {
        Self::parse(&code).ok_or("a currency is three letters, for example EUR")
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A price: an amount in the currency's smallest unit (cents), never negative. Zero is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// The amount in minor units.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Price {
    /// Free of charge.
    pub const FREE: Self = Self { minor: 0, currency: Currency::EUR };
    /// The largest amount taken: a million of a two-digit currency.
    pub const MAX_MINOR: i64 = 100_000_000;

    /// Whether nothing is to be paid.
    pub const fn is_free(self) -> bool {
        self.minor == 0
    }

    /// The amount as people write it, without the currency: `90` or `90.50`.
    pub fn amount(self) -> String {
        let scale = 10_i64.pow(self.currency.digits());
        let (whole, part) = (self.minor / scale, self.minor % scale);
        if part == 0 { whole.to_string() } else { format!("{whole}.{part:0width$}", width = self.currency.digits() as usize) }
    }

    /// Reads an amount as people write it (`90`, `90.5`, `90,50`) in `currency`.
    pub fn parse(amount: &str, currency: Currency) -> Option<Self> {
        let amount = amount.trim().replace(',', ".");
        let (whole, part) = amount.split_once('.').unwrap_or((&amount, ""));
        let digits = currency.digits() as usize;
        let numeric = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if part.len() > digits || !numeric(whole) || !numeric(part) || (whole.is_empty() && part.is_empty()) {
            return None;
        }
        let minor: i64 = format!("{whole}{part:0<digits$}").parse().ok()?;
        (minor <= Self::MAX_MINOR).then_some(Self { minor, currency })
    }
}

/// `EUR 90`, `JPY 9000`, `free`.
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_free() { f.write_str("free") } else { write!(f, "{} {}", self.currency.as_str(), self.amount()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads_amounts() {
        let yen = Currency::parse("jpy").unwrap();
        assert_eq!(Price { minor: 9050, currency: Currency::EUR }.to_string(), "EUR 90.50");
        assert_eq!(Price { minor: 9000, currency: yen }.to_string(), "JPY 9000");
        assert_eq!(Price::parse("90,5", Currency::EUR).unwrap().minor, 9050);
        assert_eq!(Price::parse("90.5", yen), None);
        for bad in ["", ".", "-1", "1.234", "1e3", "99999999999999999999"] {
            assert_eq!(Price::parse(bad, Currency::EUR), None, "{bad}");
        }
    }
}
