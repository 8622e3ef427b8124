// Reads calendars with ical.js: a JSON string with one on each line of input, a JSON object with
// what it holds on each line of output.
import { createInterface } from "node:readline";
import ICAL from "ical.js";

const text = (component, name) => component.getFirstPropertyValue(name)?.toString() ?? null;

function entry(vevent) {
  const event = new ICAL.Event(vevent);
  return {
    uid: event.uid,
    sequence: event.sequence,
    summary: event.summary,
    description: event.description,
    location: event.location,
    status: text(vevent, "status"),
    url: text(vevent, "url"),
    revised: vevent.getFirstPropertyValue("dtstamp").toUnixTime(),
    zone: vevent.getFirstProperty("dtstart").getParameter("tzid") ?? "UTC",
    starts: event.startDate.toUnixTime(),
    ends: event.endDate.toUnixTime(),
    startsByClock: event.startDate.toString(),
    endsByClock: event.endDate.toString(),
    categories: vevent.getFirstProperty("categories")?.getValues() ?? [],
    organizerAddress: text(vevent, "organizer"),
    attendees: vevent.getAllProperties("attendee").map((attendee) => ({
      address: attendee.getFirstValue(),
      name: attendee.getParameter("cn") ?? null,
      status: attendee.getParameter("partstat") ?? null,
      answer: attendee.getParameter("rsvp") ?? null,
    })),
    geo: text(vevent, "geo"),
    organizer: vevent.getFirstProperty("organizer")?.getParameter("cn") ?? null,
    conference: text(vevent, "conference"),
    class: text(vevent, "class"),
    transparency: text(vevent, "transp"),
    alarms: vevent.getAllSubcomponents("valarm").map((alarm) => text(alarm, "trigger")),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const calendar = new ICAL.Component(ICAL.parse(JSON.parse(line)));
  console.log(JSON.stringify({
    name: text(calendar, "x-wr-calname"),
    method: text(calendar, "method"),
    timezones: calendar.getAllSubcomponents("vtimezone").map((zone) => text(zone, "tzid")),
    events: calendar.getAllSubcomponents("vevent").map(entry),
  }));
}
