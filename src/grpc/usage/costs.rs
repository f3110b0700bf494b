//! What `AllocateCosts` asks for and tells, as messages or as CSV.

use csv::{Terminator, WriterBuilder};

use super::convert::{day, span};
use crate::domain::formula::escape;
use crate::domain::usage::Span;
use crate::domain::usage::allocation::Money;
use crate::grpc::decode::Fields;
use crate::pb;
use crate::service::usage::{Allocation, Bill, Line};

/// The heading of the table.
const HEADING: [&str; 5] = ["workspace_id", "workspace", "person_days", "amount", "currency_code"];
/// What the shared remainder is called in the table.
const SHARED: &str = "(shared)";

/// What is to be split.
pub(super) fn parse(fields: &mut Fields, bill: &pb::Bill, format: i32) -> Bill {
    let currency = bill.currency_code.as_str();
    let letters = currency.bytes().all(|byte| byte.is_ascii_uppercase());
    if !letters || !matches!(currency.len(), 0 | 3) {
        fields.violate("bill.currency_code", "must be 3 capital letters, or empty");
    }
    if pb::CostFormat::try_from(format).is_err() {
        fields.violate("format", "must be DATA or CSV");
    }
    let amount = Money::parse(&bill.amount);
    let first = day(fields, "bill.from", &bill.from);
    let last = day(fields, "bill.to", &bill.to);
    Bill {
        amount: fields.take("bill.amount", amount),
        span: span(fields, "bill.", Span { first, last }),
    }
}

/// What is told.
pub(super) fn response(
    bill: &pb::Bill,
    format: pb::CostFormat,
    allocation: Allocation,
    revision: i64,
) -> pb::AllocateCostsResponse {
    let counted_days = i64::try_from(allocation.counted_days).unwrap_or(i64::MAX);
    let told = pb::AllocateCostsResponse { counted_days, revision, ..Default::default() };
    match format {
        pb::CostFormat::Csv => {
            pb::AllocateCostsResponse { csv: table(bill, &allocation.lines), ..told }
        }
        pb::CostFormat::Unspecified | pb::CostFormat::Data => pb::AllocateCostsResponse {
            shares: allocation.lines.into_iter().map(share).collect(),
            ..told
        },
    }
}

fn share(line: Line) -> pb::CostShare {
    pb::CostShare {
        workspace_id: line.workspace.map(|id| id.to_string()).unwrap_or_default(),
        display_name: line.display_name,
        person_days: line.person_days,
        amount: line.amount,
    }
}

/// RFC 4180; names that a spreadsheet would run are made harmless.
fn table(bill: &pb::Bill, lines: &[Line]) -> String {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    let mut write = |cells: [&str; 5]| {
        writer.write_record(cells).expect("lines of one width go into memory");
    };
    write(HEADING);
    for line in lines {
        let id = line.workspace.map(|id| id.to_string()).unwrap_or_default();
        let name = if line.workspace.is_some() { line.display_name.as_str() } else { SHARED };
        write([&id, &escape(name), &line.person_days, &line.amount, &bill.currency_code]);
    }
    let bytes = writer.into_inner().expect("there is room in memory");
    String::from_utf8(bytes).expect("made of texts")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::WorkspaceId;

    fn line(workspace: Option<WorkspaceId>, name: &str) -> Line {
        Line {
            workspace,
            display_name: name.into(),
            person_days: "1.0000".into(),
            amount: "2.50".into(),
        }
    }

    #[test]
    fn k_05_a_table_is_quoted_and_runs_nothing() {
        let (a, b) = (WorkspaceId::new(), WorkspaceId::new());
        let bill = pb::Bill { currency_code: "EUR".into(), ..pb::Bill::default() };
        let lines = [line(Some(a), "=1+1"), line(Some(b), "Say \"hi\", EMEA"), line(None, "")];
        let told = format!(
            "workspace_id,workspace,person_days,amount,currency_code\r\n\
             {a},'=1+1,1.0000,2.50,EUR\r\n\
             {b},\"Say \"\"hi\"\", EMEA\",1.0000,2.50,EUR\r\n\
             ,(shared),1.0000,2.50,EUR\r\n"
        );
        assert_eq!(table(&bill, &lines), told);
    }
}
