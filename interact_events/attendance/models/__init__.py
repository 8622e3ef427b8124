"""Presence, corrections of it, and what else is kept of who was there."""

from interact_events.attendance.models.desk import DeskTick as DeskTick
from interact_events.attendance.models.evidence import EvidenceFile as EvidenceFile
from interact_events.attendance.models.imports import AttendanceAlias as AttendanceAlias
from interact_events.attendance.models.imports import AttendanceImport as AttendanceImport
from interact_events.attendance.models.imports import ImportState as ImportState
from interact_events.attendance.models.presence import Closing as Closing
from interact_events.attendance.models.presence import Correction as Correction
from interact_events.attendance.models.presence import NoShow as NoShow
from interact_events.attendance.models.presence import Presence as Presence
from interact_events.attendance.models.room_codes import SHOWN_FOR as SHOWN_FOR
from interact_events.attendance.models.room_codes import RoomCode as RoomCode
from interact_events.attendance.models.room_codes import left_of_slot as left_of_slot
