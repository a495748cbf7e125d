<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name></name>
    <message>
        <source>Remove task</source>
        <translation>Aufgabe entfernen</translation>
    </message>
    <message>
        <source>Remove “%1”?</source>
        <translation>„%1“ entfernen?</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>No file is deleted: what was stored stays in the bucket, and what is on the topic stays there. Nothing more is stored. If you add the task again, objects that are identical already are not sent again.</source>
        <translation>Keine Datei wird gelöscht: Was abgelegt wurde, bleibt im Bucket, und was im Topic ist, bleibt dort. Es wird nichts mehr abgelegt. Wird die Aufgabe wieder hinzugefügt, werden Objekte, die schon gleich sind, nicht noch einmal gesendet.</translation>
    </message>
    <message>
        <source>No file is deleted: results stay where they are, and what is on the topic stays there. Nothing more is processed. If you add the task again, files that were processed may be processed again.</source>
        <translation>Keine Datei wird gelöscht: Ergebnisse bleiben, wo sie sind, und was im Topic ist, bleibt dort. Es wird nichts mehr verarbeitet. Wird die Aufgabe wieder hinzugefügt, können schon verarbeitete Dateien noch einmal verarbeitet werden.</translation>
    </message>
    <message>
        <source>No file is deleted: what was downloaded stays in its folder, and what is on the topic stays there. Nothing more is downloaded. If you add the task again, it goes on where it was.</source>
        <translation>Keine Datei wird gelöscht: Was heruntergeladen wurde, bleibt in seinem Ordner, und was im Topic ist, bleibt dort. Es wird nichts mehr heruntergeladen. Wird die Aufgabe wieder hinzugefügt, geht es dort weiter, wo sie war.</translation>
    </message>
    <message>
        <source>The secret key of the bucket is taken out of the keyring.</source>
        <translation>Der geheime Schlüssel des Buckets wird aus dem Schlüsselbund entfernt.</translation>
    </message>
    <message>
        <source>No file is deleted: your files stay in their folder, and what was sent stays on the topic. Nothing more is sent from there. If you add the task again, it goes on where it was.</source>
        <translation>Keine Datei wird gelöscht: Ihre Dateien bleiben in ihrem Ordner, und was gesendet wurde, bleibt im Topic. Von dort wird nichts mehr gesendet. Wird die Aufgabe wieder hinzugefügt, geht es dort weiter, wo sie war.</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) have not been sent yet.</source>
        <translation>
            <numerusform>%n Datei ist noch nicht gesendet.</numerusform>
            <numerusform>%n Dateien sind noch nicht gesendet.</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 %2</source>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>General</source>
        <translation>Allgemein</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>Verbindungen</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netzwerk</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>Meldungen</translation>
    </message>
    <message>
        <source>Storage</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>bytes</source>
        <translation>Byte</translation>
    </message>
    <message>
        <source>bytes/s</source>
        <translation>Byte/s</translation>
    </message>
    <message>
        <source>kB/s</source>
        <translation>kB/s</translation>
    </message>
    <message>
        <source>MB/s</source>
        <translation>MB/s</translation>
    </message>
    <message>
        <source>GB/s</source>
        <translation>GB/s</translation>
    </message>
    <message>
        <source>s</source>
        <translation>s</translation>
    </message>
    <message>
        <source>min</source>
        <translation>min</translation>
    </message>
    <message>
        <source>hours</source>
        <translation>Stunden</translation>
    </message>
    <message>
        <source>days</source>
        <translation>Tage</translation>
    </message>
    <message>
        <source>Downloading</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>Save the files of a topic in a folder on this computer</source>
        <translation>Die Dateien eines Topics in einem Ordner auf diesem Computer speichern</translation>
    </message>
    <message>
        <source>Sent by hand</source>
        <translation>Von Hand gesendet</translation>
    </message>
    <message>
        <source>Drop a file</source>
        <translation>Datei ablegen</translation>
    </message>
    <message>
        <source>Send single files or folders once, by hand</source>
        <translation>Einzelne Dateien oder Ordner einmal von Hand senden</translation>
    </message>
    <message>
        <source>Sending</source>
        <translation>Wird gesendet</translation>
    </message>
    <message>
        <source>Sending</source>
        <comment>group of tasks</comment>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Send a folder</source>
        <translation>Ordner senden</translation>
    </message>
    <message>
        <source>Watch a folder and send every finished file to a topic</source>
        <translation>Einen Ordner beobachten und jede fertige Datei an ein Topic senden</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Startet…</translation>
    </message>
    <message>
        <source>Not running – nothing is being sent</source>
        <translation>Läuft nicht – es wird nichts gesendet</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Gestoppt</translation>
    </message>
    <message>
        <source>Stopped: %1</source>
        <translation>Gestoppt: %1</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) being checked</source>
        <translation>
            <numerusform>%n Datei wird geprüft</numerusform>
            <numerusform>%n Dateien werden geprüft</numerusform>
        </translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>Warnung</translation>
    </message>
    <message numerus="yes">
        <source>Offline – %n file(s) waiting</source>
        <translation>
            <numerusform>Offline – %n Datei wartet</numerusform>
            <numerusform>Offline – %n Dateien warten</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Offline since %1 – %n file(s) waiting</source>
        <translation>
            <numerusform>Offline seit %1 – %n Datei wartet</numerusform>
            <numerusform>Offline seit %1 – %n Dateien warten</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 · no files yet</source>
        <translation>%1 · noch keine Dateien</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) need your attention</source>
        <translation>
            <numerusform>%n Datei wartet auf Sie</numerusform>
            <numerusform>%n Dateien warten auf Sie</numerusform>
        </translation>
    </message>
    <message>
        <source>Needs your attention</source>
        <translation>Wartet auf Sie</translation>
    </message>
    <message>
        <source>Offline</source>
        <translation>Offline</translation>
    </message>
    <message>
        <source>Sending %1</source>
        <translation>Wird gesendet: %1</translation>
    </message>
    <message>
        <source>Sent %1</source>
        <translation>Gesendet %1</translation>
    </message>
    <message>
        <source>Checked %1</source>
        <translation>Geprüft %1</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Wartet</translation>
    </message>
    <message>
        <source>Taken back</source>
        <translation>Zurückgenommen</translation>
    </message>
    <message>
        <source>Not running</source>
        <translation>Läuft nicht</translation>
    </message>
    <message>
        <source>Paused until %1</source>
        <translation>Pausiert bis %1</translation>
    </message>
    <message>
        <source>Offline since %1</source>
        <translation>Offline seit %1</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) waiting</source>
        <translation>
            <numerusform>%n Datei wartet</numerusform>
            <numerusform>%n Dateien warten</numerusform>
        </translation>
    </message>
    <message>
        <source>What is going on cannot be seen now</source>
        <translation>Was gerade geschieht, ist jetzt nicht zu sehen</translation>
    </message>
    <message>
        <source>No tasks yet – nothing is being sent</source>
        <translation>Noch keine Aufgaben – es wird nichts gesendet</translation>
    </message>
    <message>
        <source>Checking what arrived</source>
        <translation>Prüft, was angekommen ist</translation>
    </message>
    <message>
        <source>Looking for new files…</source>
        <translation>Sucht nach neuen Dateien…</translation>
    </message>
    <message>
        <source>Asking whether the broker is there…</source>
        <translation>Fragt, ob der Broker erreichbar ist…</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>needs your attention</source>
        <translation>wartet auf Sie</translation>
    </message>
    <message>
        <source>Offline – nothing is waiting</source>
        <translation>Offline – nichts wartet</translation>
    </message>
    <message numerus="yes">
        <source>Offline – %n file(s) waiting, safe on this computer</source>
        <translation>
            <numerusform>Offline – %n Datei wartet, sicher auf diesem Computer</numerusform>
            <numerusform>Offline – %n Dateien warten, sicher auf diesem Computer</numerusform>
        </translation>
    </message>
    <message>
        <source>Offline since %1 – nothing is waiting</source>
        <translation>Offline seit %1 – nichts wartet</translation>
    </message>
    <message numerus="yes">
        <source>Offline since %1 – %n file(s) waiting, safe on this computer</source>
        <translation>
            <numerusform>Offline seit %1 – %n Datei wartet, sicher auf diesem Computer</numerusform>
            <numerusform>Offline seit %1 – %n Dateien warten, sicher auf diesem Computer</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) did not arrive whole</source>
        <translation>
            <numerusform>%n Datei ist unvollständig angekommen</numerusform>
            <numerusform>%n Dateien sind unvollständig angekommen</numerusform>
        </translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Pausiert</translation>
    </message>
    <message numerus="yes">
        <source>%1 – %n file(s) waiting</source>
        <translation>
            <numerusform>%1 – %n Datei wartet</numerusform>
            <numerusform>%1 – %n Dateien warten</numerusform>
        </translation>
    </message>
    <message>
        <source>Receiving %1 of %2</source>
        <translation>Empfängt %1 von %2</translation>
    </message>
    <message>
        <source>Sending %1 of %2</source>
        <translation>Sendet %1 von %2</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) are being received</source>
        <translation>
            <numerusform>%n Datei wird empfangen</numerusform>
            <numerusform>%n Dateien werden empfangen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) waiting to be sent</source>
        <translation>
            <numerusform>%n Datei wartet auf das Senden</numerusform>
            <numerusform>%n Dateien warten auf das Senden</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) waiting to be stored</source>
        <translation>
            <numerusform>%n Datei wartet darauf, abgelegt zu werden</numerusform>
            <numerusform>%n Dateien warten darauf, abgelegt zu werden</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) waiting to be processed</source>
        <translation>
            <numerusform>%n Datei wartet auf die Verarbeitung</numerusform>
            <numerusform>%n Dateien warten auf die Verarbeitung</numerusform>
        </translation>
    </message>
    <message>
        <source>Working on %1 of %2</source>
        <translation>%1 von %2 in Arbeit</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>noch %1</translation>
    </message>
    <message>
        <source>%1 · about %2</source>
        <translation>%1 · etwa %2</translation>
    </message>
    <message>
        <source>Everything sent – no files yet</source>
        <translation>Alles gesendet – noch keine Dateien</translation>
    </message>
    <message>
        <source>Up to date – no files yet</source>
        <translation>Aktuell – noch keine Dateien</translation>
    </message>
    <message>
        <source>Everything sent – last file %1</source>
        <translation>Alles gesendet – letzte Datei %1</translation>
    </message>
    <message>
        <source>Up to date – last file %1</source>
        <translation>Aktuell – letzte Datei %1</translation>
    </message>
    <message>
        <source>(%1 of %2 paused)</source>
        <translation>(%1 von %2 pausiert)</translation>
    </message>
    <message numerus="yes">
        <source>%n sent</source>
        <translation>
            <numerusform>%n gesendet</numerusform>
            <numerusform>%n gesendet</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n checked</source>
        <translation>
            <numerusform>%n geprüft</numerusform>
            <numerusform>%n geprüft</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n arrived</source>
        <translation>
            <numerusform>%n angekommen</numerusform>
            <numerusform>%n angekommen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n received</source>
        <translation>
            <numerusform>%n empfangen</numerusform>
            <numerusform>%n empfangen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n stored</source>
        <translation>
            <numerusform>%n abgelegt</numerusform>
            <numerusform>%n abgelegt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n processed</source>
        <translation>
            <numerusform>%n verarbeitet</numerusform>
            <numerusform>%n verarbeitet</numerusform>
        </translation>
    </message>
    <message>
        <source>Today: %1</source>
        <translation>Heute: %1</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source>All sent</source>
        <translation>Alles gesendet</translation>
    </message>
    <message>
        <source>Up to date</source>
        <translation>Aktuell</translation>
    </message>
    <message>
        <source>%1 · last file %2</source>
        <translation>%1 · letzte Datei %2</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Edit task…</source>
        <translation>Aufgabe bearbeiten…</translation>
    </message>
    <message>
        <source>Nothing is downloaded meanwhile. What is on the topic stays there and is fetched when you resume.</source>
        <translation>Inzwischen wird nichts heruntergeladen. Was im Topic ist, bleibt dort und wird nach dem Fortsetzen geholt.</translation>
    </message>
    <message>
        <source>Nothing is sent meanwhile. Your files are safe where they are; new ones are found when you resume.</source>
        <translation>Inzwischen wird nichts gesendet. Ihre Dateien sind sicher, wo sie sind; neue werden nach dem Fortsetzen gefunden.</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>The others go on. Nothing is lost; the reason is listed with each file.</source>
        <translation>Bei den anderen geht es weiter. Nichts ist verloren; bei jeder Datei steht der Grund.</translation>
    </message>
    <message>
        <source>Show problems</source>
        <translation>Probleme anzeigen</translation>
    </message>
    <message>
        <source>Try now</source>
        <translation>Jetzt versuchen</translation>
    </message>
    <message>
        <source>Nothing is stored meanwhile. What is on the topic stays there and is stored when you resume.</source>
        <translation>Inzwischen wird nichts abgelegt. Was im Topic ist, bleibt dort und wird nach dem Fortsetzen abgelegt.</translation>
    </message>
    <message>
        <source>Nothing is processed meanwhile. What is on the topic stays there and is processed when you resume.</source>
        <translation>Inzwischen wird nichts verarbeitet. Was im Topic ist, bleibt dort und wird nach dem Fortsetzen verarbeitet.</translation>
    </message>
    <message>
        <source>Cannot reach %1 since %2</source>
        <translation>%1 ist seit %2 nicht erreichbar</translation>
    </message>
    <message>
        <source>Cannot reach %1</source>
        <translation>%1 ist nicht erreichbar</translation>
    </message>
    <message>
        <source>What is on the topic stays there, and is fetched when the connection is back.</source>
        <translation>Was im Topic ist, bleibt dort und wird geholt, sobald die Verbindung wieder da ist.</translation>
    </message>
    <message numerus="yes">
        <source>Your files are safe on this computer; %n of them are waiting.</source>
        <translation>
            <numerusform>Ihre Dateien sind auf diesem Computer sicher; %n davon wartet.</numerusform>
            <numerusform>Ihre Dateien sind auf diesem Computer sicher; %n davon warten.</numerusform>
        </translation>
    </message>
    <message>
        <source>Your files are safe on this computer; none is waiting.</source>
        <translation>Ihre Dateien sind auf diesem Computer sicher; keine wartet.</translation>
    </message>
    <message>
        <source>%1 It is tried again by itself, at least every 20 s.</source>
        <translation>%1 Es wird von selbst erneut versucht, mindestens alle 20 s.</translation>
    </message>
    <message>
        <source>Test connection…</source>
        <translation>Verbindung testen…</translation>
    </message>
    <message>
        <source>Found</source>
        <translation>Gefunden</translation>
    </message>
    <message>
        <source>no receipt so far</source>
        <translation>noch keine Quittung</translation>
    </message>
    <message>
        <source>last change %1</source>
        <translation>letzte Änderung %1</translation>
    </message>
    <message>
        <source>it is being looked at</source>
        <translation>wird gerade angesehen</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>%1, then unchanged</source>
        <translation>%1, danach unverändert</translation>
    </message>
    <message>
        <source>finished</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>Sent</source>
        <translation>Gesendet</translation>
    </message>
    <message>
        <source>Checked</source>
        <translation>Geprüft</translation>
    </message>
    <message>
        <source>version %1</source>
        <translation>Version %1</translation>
    </message>
    <message>
        <source>Rule</source>
        <translation>Regel</translation>
    </message>
    <message>
        <source>Settled</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>not yet</source>
        <translation>noch nicht</translation>
    </message>
    <message>
        <source>Not known</source>
        <translation>Unbekannt</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n Datei</numerusform>
            <numerusform>%n Dateien</numerusform>
        </translation>
    </message>
    <message>
        <source>Choose one of its files, or look at the page Files of its task.</source>
        <translation>Wählen Sie eine Datei daraus, oder sehen Sie auf der Seite „Dateien“ der Aufgabe nach.</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>This is a folder.</source>
        <translation>Das ist ein Ordner.</translation>
    </message>
    <message>
        <source>by the task %1</source>
        <translation>von der Aufgabe %1</translation>
    </message>
    <message>
        <source>read back from the topic, contents equal</source>
        <translation>aus dem Topic zurückgelesen, Inhalt gleich</translation>
    </message>
    <message>
        <source>not read back so far, or not asked for in this task</source>
        <translation>bisher nicht zurückgelesen, oder in dieser Aufgabe nicht verlangt</translation>
    </message>
    <message>
        <source>Arrived</source>
        <translation>Angekommen</translation>
    </message>
    <message>
        <source>every part confirmed by the broker, topic %1</source>
        <translation>jeder Teil vom Broker bestätigt, Topic %1</translation>
    </message>
    <message>
        <source>%1 of %2 parts confirmed by the broker</source>
        <translation>%1 von %2 Teilen vom Broker bestätigt</translation>
    </message>
    <message>
        <source>next try %1</source>
        <translation>nächster Versuch %1</translation>
    </message>
    <message>
        <source>%1 – %2</source>
        <translation>%1 – %2</translation>
    </message>
    <message>
        <source>an earlier version; the new one follows</source>
        <translation>eine frühere Version; die neue folgt</translation>
    </message>
    <message>
        <source>goes to the topic %1</source>
        <translation>geht an das Topic %1</translation>
    </message>
    <message>
        <source>first part read from the topic %1</source>
        <translation>erster Teil aus dem Topic %1 gelesen</translation>
    </message>
    <message>
        <source>%1 of %2 parts</source>
        <translation>%1 von %2 Teilen</translation>
    </message>
    <message>
        <source>%1; missing: %2</source>
        <translation>%1; es fehlen: %2</translation>
    </message>
    <message>
        <source>contents equal to what was sent</source>
        <translation>Inhalt gleich dem gesendeten</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Gespeichert</translation>
    </message>
    <message>
        <source>a later version of it is there</source>
        <translation>eine spätere Version ist schon da</translation>
    </message>
    <message>
        <source>waits for its turn</source>
        <translation>wartet, bis sie an der Reihe ist</translation>
    </message>
    <message>
        <source>Stored</source>
        <translation>Abgelegt</translation>
    </message>
    <message>
        <source>Processed</source>
        <translation>Verarbeitet</translation>
    </message>
    <message>
        <source>not wanted there</source>
        <translation>dort nicht gewünscht</translation>
    </message>
    <message>
        <source>given up</source>
        <translation>aufgegeben</translation>
    </message>
    <message>
        <source>it lies on this computer, and no task has noticed it</source>
        <translation>liegt auf diesem Computer, und keine Aufgabe hat sie bemerkt</translation>
    </message>
    <message>
        <source>there is no such file on this computer, and no such path on a topic</source>
        <translation>auf diesem Computer gibt es keine solche Datei, und in keinem Topic einen solchen Pfad</translation>
    </message>
    <message>
        <source>left out: %1</source>
        <translation>ausgelassen: %1</translation>
    </message>
    <message>
        <source>cannot be sent: %1</source>
        <translation>kann nicht gesendet werden: %1</translation>
    </message>
    <message>
        <source>a folder that is watched</source>
        <translation>ein Ordner, der beobachtet wird</translation>
    </message>
    <message>
        <source>nothing excludes it</source>
        <translation>nichts schließt sie aus</translation>
    </message>
    <message>
        <source>taken: %1</source>
        <translation>ausgewählt: %1</translation>
    </message>
    <message>
        <source>it is sent after %1 without change</source>
        <translation>wird gesendet, wenn sie sich %1 lang nicht ändert</translation>
    </message>
    <message>
        <source>No task watches the folder it lies in. Add one with “Send a folder”, or drop the file to send it once.</source>
        <translation>Keine Aufgabe beobachtet den Ordner, in dem sie liegt. Fügen Sie eine mit „Ordner senden“ hinzu, oder senden Sie die Datei einmal mit „Dateien ablegen“.</translation>
    </message>
    <message>
        <source>Nobody sends this file.</source>
        <translation>Niemand sendet diese Datei.</translation>
    </message>
    <message>
        <source>Check the name.</source>
        <translation>Prüfen Sie den Namen.</translation>
    </message>
    <message>
        <source>Change the rules of the task %1 if it should be sent.</source>
        <translation>Ändern Sie die Regeln der Aufgabe %1, wenn sie gesendet werden soll.</translation>
    </message>
    <message>
        <source>It is not sent.</source>
        <translation>Sie wird nicht gesendet.</translation>
    </message>
    <message>
        <source>Nothing is running at the moment.</source>
        <translation>Im Moment läuft nichts.</translation>
    </message>
    <message>
        <source>So nothing new is noticed or sent.</source>
        <translation>Deshalb wird nichts Neues bemerkt oder gesendet.</translation>
    </message>
    <message>
        <source>The task %1 finds it with its next look, and sends it when it is finished.</source>
        <translation>Die Aufgabe %1 findet sie bei der nächsten Durchsicht und sendet sie, sobald sie fertig ist.</translation>
    </message>
    <message>
        <source>Nothing to do.</source>
        <translation>Es ist nichts zu tun.</translation>
    </message>
    <message>
        <source>There is nothing to send.</source>
        <translation>Es gibt nichts zu senden.</translation>
    </message>
    <message>
        <source>%1 Next try %2.</source>
        <translation>%1 Nächster Versuch %2.</translation>
    </message>
    <message>
        <source>It needs your attention.</source>
        <translation>Sie wartet auf Ihre Entscheidung.</translation>
    </message>
    <message>
        <source>What was sent is safe on the topic. The new version is sent when it has settled.</source>
        <translation>Was gesendet wurde, ist sicher im Topic. Die neue Version wird gesendet, sobald sie sich nicht mehr ändert.</translation>
    </message>
    <message>
        <source>The file has changed since it was sent.</source>
        <translation>Die Datei hat sich seit dem Senden geändert.</translation>
    </message>
    <message>
        <source>The file is safe on the topic %1.</source>
        <translation>Die Datei ist sicher im Topic %1.</translation>
    </message>
    <message>
        <source>Nothing to do on this computer.</source>
        <translation>Auf diesem Computer ist nichts zu tun.</translation>
    </message>
    <message>
        <source>It is in its bucket.</source>
        <translation>Sie liegt in ihrem Bucket.</translation>
    </message>
    <message>
        <source>It was processed.</source>
        <translation>Sie wurde verarbeitet.</translation>
    </message>
    <message>
        <source>What was sent is here.</source>
        <translation>Was gesendet wurde, ist hier.</translation>
    </message>
    <message>
        <source>It goes on from here as soon as it runs again.</source>
        <translation>Von hier geht es weiter, sobald das Programm wieder läuft.</translation>
    </message>
    <message>
        <source>It is sent as soon as it is finished.</source>
        <translation>Sie wird gesendet, sobald sie fertig ist.</translation>
    </message>
    <message>
        <source>It goes on by itself.</source>
        <translation>Es geht von selbst weiter.</translation>
    </message>
    <message>
        <source>Topic</source>
        <translation>Topic</translation>
    </message>
    <message>
        <source>Path on the topic</source>
        <translation>Pfad im Topic</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>Parts</source>
        <translation>Teile</translation>
    </message>
    <message>
        <source>Partition %1</source>
        <translation>Partition %1</translation>
    </message>
    <message>
        <source>offsets %1 to %2</source>
        <translation>Offsets %1 bis %2</translation>
    </message>
    <message>
        <source>SHA-512</source>
        <translation>SHA-512</translation>
    </message>
    <message>
        <source>Tries</source>
        <translation>Versuche</translation>
    </message>
    <message>
        <source>Earlier versions</source>
        <translation>Frühere Versionen</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Held</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Geändert</translation>
    </message>
    <message>
        <source>Replaced</source>
        <translation>Ersetzt</translation>
    </message>
    <message>
        <source>Problem</source>
        <translation>Problem</translation>
    </message>
    <message>
        <source>Waiting – %1</source>
        <translation>Wartet – %1</translation>
    </message>
    <message>
        <source>Held – needs your decision</source>
        <translation>Angehalten – braucht Ihre Entscheidung</translation>
    </message>
    <message>
        <source>Changed after sending – new version waiting</source>
        <translation>Nach dem Senden geändert – neue Version wartet</translation>
    </message>
    <message>
        <source>Changed while it was being sent</source>
        <translation>Während des Sendens geändert</translation>
    </message>
    <message>
        <source>Could not send – %1</source>
        <translation>Senden gescheitert – %1</translation>
    </message>
    <message>
        <source>Could not send</source>
        <translation>Senden gescheitert</translation>
    </message>
    <message>
        <source>Could not save – %1</source>
        <translation>Speichern gescheitert – %1</translation>
    </message>
    <message>
        <source>Could not save</source>
        <translation>Speichern gescheitert</translation>
    </message>
    <message>
        <source>Not sent</source>
        <translation>Nicht gesendet</translation>
    </message>
    <message>
        <source>%1 and %2</source>
        <translation>%1 und %2</translation>
    </message>
    <message>
        <source>at bucket %1</source>
        <translation>im Bucket %1</translation>
    </message>
    <message>
        <source>at processor %1</source>
        <translation>bei der Verarbeitung %1</translation>
    </message>
    <message>
        <source>on PC %1</source>
        <translation>auf PC %1</translation>
    </message>
    <message>
        <source>at %1 more</source>
        <translation>an %1 weiteren Orten</translation>
    </message>
    <message>
        <source>Arrived %1</source>
        <translation>Angekommen %1</translation>
    </message>
    <message>
        <source>Not sent – %1</source>
        <translation>Nicht gesendet – %1</translation>
    </message>
    <message>
        <source>Left out – %1</source>
        <translation>Ausgelassen – %1</translation>
    </message>
    <message>
        <source>Left out</source>
        <translation>Ausgelassen</translation>
    </message>
    <message>
        <source>Not saved – %1</source>
        <translation>Nicht gespeichert – %1</translation>
    </message>
    <message>
        <source>Not saved</source>
        <translation>Nicht gespeichert</translation>
    </message>
    <message>
        <source>Replaced by a later version</source>
        <translation>Durch eine spätere Version ersetzt</translation>
    </message>
    <message>
        <source>Receiving</source>
        <translation>Wird empfangen</translation>
    </message>
    <message>
        <source>Incomplete – parts of it never came</source>
        <translation>Unvollständig – Teile kamen nie an</translation>
    </message>
    <message>
        <source>Could not store – %1</source>
        <translation>Konnte nicht abgelegt werden – %1</translation>
    </message>
    <message>
        <source>Could not store</source>
        <translation>Konnte nicht abgelegt werden</translation>
    </message>
    <message>
        <source>Could not process – %1</source>
        <translation>Konnte nicht verarbeitet werden – %1</translation>
    </message>
    <message>
        <source>Could not process</source>
        <translation>Konnte nicht verarbeitet werden</translation>
    </message>
    <message>
        <source>Received – not stored yet</source>
        <translation>Empfangen – noch nicht abgelegt</translation>
    </message>
    <message>
        <source>Received – not saved yet</source>
        <translation>Empfangen – noch nicht gespeichert</translation>
    </message>
    <message>
        <source>Received – not processed yet</source>
        <translation>Empfangen – noch nicht verarbeitet</translation>
    </message>
    <message>
        <source>Stored %1</source>
        <translation>Abgelegt %1</translation>
    </message>
    <message>
        <source>Processed %1</source>
        <translation>Verarbeitet %1</translation>
    </message>
    <message>
        <source>Saved %1</source>
        <translation>Gespeichert %1</translation>
    </message>
    <message>
        <source>A later version is there</source>
        <translation>Eine spätere Version ist da</translation>
    </message>
    <message>
        <source>Changed after sending</source>
        <translation>Nach dem Senden geändert</translation>
    </message>
    <message>
        <source>Changed while sent</source>
        <translation>Beim Senden geändert</translation>
    </message>
    <message>
        <source>Needs your decision</source>
        <translation>Braucht Ihre Entscheidung</translation>
    </message>
    <message>
        <source>Still being written, %1 ago</source>
        <translation>Wird geschrieben, vor %1</translation>
    </message>
    <message>
        <source>still being written</source>
        <translation>wird noch geschrieben</translation>
    </message>
    <message>
        <source>%1 (last change %2 ago)</source>
        <translation>%1 (letzte Änderung vor %2)</translation>
    </message>
    <message>
        <source>in the queue</source>
        <translation>in der Warteschlange</translation>
    </message>
    <message>
        <source>waits for its partner %1</source>
        <translation>wartet auf ihren Partner %1</translation>
    </message>
    <message>
        <source>waits for its marker %1</source>
        <translation>wartet auf ihre Markierung %1</translation>
    </message>
    <message>
        <source>its folder %1 is still being written</source>
        <translation>ihr Ordner %1 wird noch geschrieben</translation>
    </message>
    <message>
        <source>rule %1</source>
        <translation>Regel %1</translation>
    </message>
    <message>
        <source>Incomplete</source>
        <translation>Unvollständig</translation>
    </message>
    <message>
        <source>Received</source>
        <translation>Empfangen</translation>
    </message>
    <message>
        <source>Delivered</source>
        <translation>Gespeichert</translation>
    </message>
    <message>
        <source>Superseded</source>
        <translation>Überholt</translation>
    </message>
    <message>
        <source>%1 B</source>
        <translation>%1 B</translation>
    </message>
    <message>
        <source>%1/s</source>
        <translation>%1/s</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>gerade eben</translation>
    </message>
    <message>
        <source>%1 s ago</source>
        <translation>vor %1 s</translation>
    </message>
    <message>
        <source>%1 min ago</source>
        <translation>vor %1 min</translation>
    </message>
    <message>
        <source>Find server</source>
        <translation>Server finden</translation>
    </message>
    <message>
        <source>Open connection</source>
        <translation>Verbindung öffnen</translation>
    </message>
    <message>
        <source>Secure connection</source>
        <translation>Verbindung sichern</translation>
    </message>
    <message>
        <source>Sign in</source>
        <translation>Anmelden</translation>
    </message>
    <message>
        <source>See topics</source>
        <translation>Topics sehen</translation>
    </message>
    <message>
        <source>Write</source>
        <translation>Schreiben</translation>
    </message>
    <message>
        <source>Read</source>
        <translation>Lesen</translation>
    </message>
    <message>
        <source>Clock</source>
        <translation>Uhr</translation>
    </message>
    <message>
        <source>Write, read, clock</source>
        <translation>Schreiben, Lesen, Uhr</translation>
    </message>
    <message>
        <source>Find bucket</source>
        <translation>Bucket finden</translation>
    </message>
    <message>
        <source>Store</source>
        <translation>Ablegen</translation>
    </message>
    <message>
        <source>Read back</source>
        <translation>Zurücklesen</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>List</source>
        <translation>Auflisten</translation>
    </message>
    <message>
        <source>not tested</source>
        <translation>nicht getestet</translation>
    </message>
    <message>
        <source>testing…</source>
        <translation>wird getestet…</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>Einzelheiten kopieren</translation>
    </message>
    <message>
        <source>not tested: name a topic</source>
        <translation>nicht getestet: Nennen Sie ein Topic</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 ms</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>passed</source>
        <translation>bestanden</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>nicht bestanden</translation>
    </message>
    <message>
        <source>passed, with a warning</source>
        <translation>bestanden, mit einer Warnung</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 min</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 h %2 min</translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation>%1 h</translation>
    </message>
    <message>
        <source>about %1</source>
        <translation>etwa %1</translation>
    </message>
    <message>
        <source>less than a minute</source>
        <translation>weniger als eine Minute</translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s)</source>
        <translation>
            <numerusform>%n Minute</numerusform>
            <numerusform>%n Minuten</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s)</source>
        <translation>
            <numerusform>%n Stunde</numerusform>
            <numerusform>%n Stunden</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%n Tag</numerusform>
            <numerusform>%n Tage</numerusform>
        </translation>
    </message>
    <message>
        <source>about %1, %2 at %3 a second</source>
        <translation>etwa %1, %2 bei %3 je Sekunde</translation>
    </message>
    <message>
        <source>Files are in use by another program</source>
        <translation>Dateien werden von einem anderen Programm benutzt</translation>
    </message>
    <message>
        <source>Files may not be read</source>
        <translation>Dateien dürfen nicht gelesen werden</translation>
    </message>
    <message>
        <source>Files cannot be read</source>
        <translation>Dateien können nicht gelesen werden</translation>
    </message>
    <message>
        <source>Files vanished before they were sent</source>
        <translation>Dateien verschwanden, bevor sie gesendet waren</translation>
    </message>
    <message>
        <source>Files cannot be written</source>
        <translation>Dateien können nicht geschrieben werden</translation>
    </message>
    <message>
        <source>Files may not be written</source>
        <translation>Dateien dürfen nicht geschrieben werden</translation>
    </message>
    <message>
        <source>Nothing of it is sent until you decide.</source>
        <translation>Davon wird nichts gesendet, bis Sie entscheiden.</translation>
    </message>
    <message numerus="yes">
        <source>%n cause(s)</source>
        <translation>
            <numerusform>%n Ursache</numerusform>
            <numerusform>%n Ursachen</numerusform>
        </translation>
    </message>
    <message>
        <source>%1, %2.</source>
        <translation>%1, %2.</translation>
    </message>
    <message>
        <source>%1, %2. The other %3 go on as usual.</source>
        <translation>%1, %2. Für die anderen %3 geht es weiter wie gewohnt.</translation>
    </message>
    <message>
        <source>Type the name or the address of a server, for example kafka.example.org.</source>
        <translation>Geben Sie den Namen oder die Adresse eines Servers ein, zum Beispiel kafka.example.org.</translation>
    </message>
    <message>
        <source>Type only the name, without https:// and without a path.</source>
        <translation>Geben Sie nur den Namen ein, ohne https:// und ohne Pfad.</translation>
    </message>
    <message>
        <source>“%1” cannot be a server. Type a name such as kafka.example.org.</source>
        <translation>„%1“ kann kein Server sein. Geben Sie einen Namen wie kafka.example.org ein.</translation>
    </message>
    <message>
        <source>“%1” is not a port. Type a number from 1 to 65535, often 9092 or 9093.</source>
        <translation>„%1“ ist kein Port. Geben Sie eine Zahl von 1 bis 65535 ein, oft 9092 oder 9093.</translation>
    </message>
    <message>
        <source>Type the address where tokens are given out. It begins with https://.</source>
        <translation>Geben Sie die Adresse ein, die Token ausgibt. Sie beginnt mit https://.</translation>
    </message>
    <message>
        <source>Line %1: write key = value.</source>
        <translation>Zeile %1: Schreiben Sie Schlüssel = Wert.</translation>
    </message>
    <message>
        <source>Line %1: librdkafka has no property “%2”%3</source>
        <translation>Zeile %1: librdkafka hat keine Eigenschaft „%2“%3</translation>
    </message>
    <message>
        <source>Line %1: “%2” is a secret and would be stored readable. Type it into the field for passwords above.</source>
        <translation>Zeile %1: „%2“ ist ein Geheimnis und würde lesbar gespeichert. Geben Sie es oben in das Feld für Passwörter ein.</translation>
    </message>
    <message>
        <source>Line %1: “%2” may not have this value. %3</source>
        <translation>Zeile %1: „%2“ darf diesen Wert nicht haben. %3</translation>
    </message>
    <message>
        <source>Line %1: “%2” has a field of its own above. Take this line out.</source>
        <translation>Zeile %1: „%2“ hat oben ein eigenes Feld. Löschen Sie diese Zeile.</translation>
    </message>
    <message>
        <source>Line %1: “%2” stands here twice.</source>
        <translation>Zeile %1: „%2“ steht hier zweimal.</translation>
    </message>
    <message>
        <source>Use “%1” and %2, and test again</source>
        <translation>„%1“ und %2 verwenden und erneut testen</translation>
    </message>
    <message>
        <source>Use “%1”, and test again</source>
        <translation>„%1“ verwenden und erneut testen</translation>
    </message>
    <message>
        <source>Sign in with %1, and test again</source>
        <translation>Mit %1 anmelden und erneut testen</translation>
    </message>
    <message>
        <source>Use the region %1, and test again</source>
        <translation>Region %1 verwenden und erneut testen</translation>
    </message>
    <message>
        <source>Set %1, and test again</source>
        <translation>%1 setzen und erneut testen</translation>
    </message>
    <message>
        <source>Encrypted, with user name</source>
        <translation>Verschlüsselt, mit Benutzername</translation>
    </message>
    <message>
        <source>Encrypted, with client certificate</source>
        <translation>Verschlüsselt, mit Client-Zertifikat</translation>
    </message>
    <message>
        <source>Encrypted</source>
        <translation>Verschlüsselt</translation>
    </message>
    <message>
        <source>User name, not encrypted</source>
        <translation>Benutzername, nicht verschlüsselt</translation>
    </message>
    <message>
        <source>None: not encrypted, no sign-in</source>
        <translation>Keine: unverschlüsselt, ohne Anmeldung</translation>
    </message>
    <message>
        <source>Send it as it is</source>
        <translation>So senden, wie sie ist</translation>
    </message>
    <message>
        <source>Do not send it</source>
        <translation>Nicht senden</translation>
    </message>
    <message>
        <source>Try again now</source>
        <translation>Jetzt erneut versuchen</translation>
    </message>
    <message>
        <source>Send it anyway</source>
        <translation>Trotzdem senden</translation>
    </message>
    <message>
        <source>This folder cannot be made here. Choose another place.</source>
        <translation>Dieser Ordner kann hier nicht angelegt werden. Wählen Sie einen anderen Ort.</translation>
    </message>
    <message>
        <source>There is no such folder. Check the path, or whether its disk is connected.</source>
        <translation>Diesen Ordner gibt es nicht. Prüfen Sie den Pfad, oder ob das Laufwerk verbunden ist.</translation>
    </message>
    <message>
        <source>This is a file. Choose the folder it lies in.</source>
        <translation>Das ist eine Datei. Wählen Sie den Ordner, in dem sie liegt.</translation>
    </message>
    <message>
        <source>You may not read this folder. Ask for the right, or choose another one.</source>
        <translation>Sie dürfen diesen Ordner nicht lesen. Bitten Sie um das Recht, oder wählen Sie einen anderen.</translation>
    </message>
    <message>
        <source>The folder cannot be read (%1). Check its disk or share.</source>
        <translation>Der Ordner kann nicht gelesen werden (%1). Prüfen Sie sein Laufwerk oder die Freigabe.</translation>
    </message>
    <message>
        <source>You may not write into this folder. Choose another one.</source>
        <translation>Sie dürfen in diesen Ordner nicht schreiben. Wählen Sie einen anderen.</translation>
    </message>
    <message>
        <source>Looking through the folder for the first time</source>
        <translation>Der Ordner wird zum ersten Mal durchgesehen</translation>
    </message>
    <message>
        <source>The folder is looked through regularly</source>
        <translation>Der Ordner wird regelmäßig durchgesehen</translation>
    </message>
    <message>
        <source>Not every change was announced by the system</source>
        <translation>Das System hat nicht jede Änderung gemeldet</translation>
    </message>
    <message>
        <source>Watching works</source>
        <translation>Das Beobachten funktioniert</translation>
    </message>
    <message>
        <source>The folder has not been looked through yet</source>
        <translation>Der Ordner wurde noch nicht durchgesehen</translation>
    </message>
    <message>
        <source>The folder was looked through</source>
        <translation>Der Ordner wurde durchgesehen</translation>
    </message>
    <message>
        <source>Looking through the folder takes too long</source>
        <translation>Die Durchsicht des Ordners dauert zu lange</translation>
    </message>
    <message numerus="yes">
        <source>%n change(s) had been missed</source>
        <translation>
            <numerusform>%n Änderung war übersehen worden</numerusform>
            <numerusform>%n Änderungen waren übersehen worden</numerusform>
        </translation>
    </message>
    <message>
        <source>nothing missed</source>
        <translation>nichts übersehen</translation>
    </message>
    <message>
        <source>The broker has not answered yet</source>
        <translation>Der Broker hat noch nicht geantwortet</translation>
    </message>
    <message>
        <source>The broker answers</source>
        <translation>Der Broker antwortet</translation>
    </message>
    <message>
        <source>The broker does not answer</source>
        <translation>Der Broker antwortet nicht</translation>
    </message>
    <message>
        <source>Nobody writes receipts so far</source>
        <translation>Bisher schreibt niemand Quittungen</translation>
    </message>
    <message>
        <source>Receipts cannot be read</source>
        <translation>Quittungen können nicht gelesen werden</translation>
    </message>
    <message>
        <source>Receipts are read</source>
        <translation>Quittungen werden gelesen</translation>
    </message>
    <message>
        <source>Free space is not known</source>
        <translation>Der freie Platz ist nicht bekannt</translation>
    </message>
    <message>
        <source>%1 free</source>
        <translation>%1 frei</translation>
    </message>
    <message>
        <source>%1 needs your attention</source>
        <translation>%1 wartet auf Sie</translation>
    </message>
    <message numerus="yes">
        <source>%1: %n file(s) need your attention</source>
        <translation>
            <numerusform>%1: %n Datei wartet auf Sie</numerusform>
            <numerusform>%1: %n Dateien warten auf Sie</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing is lost; what is on the topic stays there. The others go on.</source>
        <translation>Nichts ist verloren; was im Topic ist, bleibt dort. Bei den anderen geht es weiter.</translation>
    </message>
    <message>
        <source>Your files are safe on this computer. The others go on.</source>
        <translation>Ihre Dateien sind auf diesem Computer sicher. Bei den anderen geht es weiter.</translation>
    </message>
    <message>
        <source>%1: everything was stored</source>
        <translation>%1: Alles ist abgelegt</translation>
    </message>
    <message>
        <source>%1: everything was processed</source>
        <translation>%1: Alles ist verarbeitet</translation>
    </message>
    <message>
        <source>%1: everything was received</source>
        <translation>%1: Alles ist empfangen</translation>
    </message>
    <message>
        <source>%1: everything was sent</source>
        <translation>%1: Alles ist gesendet</translation>
    </message>
    <message>
        <source>Practice: the instrument, its files and the broker are made up. Nothing leaves this computer, and nothing is kept.</source>
        <translation>Übung: Das Gerät, seine Dateien und der Broker sind erfunden. Nichts verlässt diesen Computer, und nichts bleibt erhalten.</translation>
    </message>
    <message>
        <source>Pretend instrument</source>
        <translation>Erfundenes Gerät</translation>
    </message>
    <message>
        <source>Copies</source>
        <translation>Kopien</translation>
    </message>
    <message>
        <source>Goes to</source>
        <translation>Geht an</translation>
    </message>
    <message>
        <source>Sends</source>
        <translation>Sendet</translation>
    </message>
    <message>
        <source>files that fit %1</source>
        <translation>Dateien, die zu %1 passen</translation>
    </message>
    <message>
        <source>every file</source>
        <translation>jede Datei</translation>
    </message>
    <message>
        <source>Leaves out</source>
        <translation>Lässt aus</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>Alter</translation>
    </message>
    <message>
        <source>only files changed since %1, or not older than that</source>
        <translation>nur Dateien, die seit %1 geändert wurden oder nicht älter sind</translation>
    </message>
    <message>
        <source>Finished when</source>
        <translation>Fertig, wenn</translation>
    </message>
    <message>
        <source>Already there</source>
        <translation>Schon vorhanden</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>Wird geprüft</translation>
    </message>
    <message>
        <source>Checking</source>
        <comment>row of the rules</comment>
        <translation>Prüfung</translation>
    </message>
    <message>
        <source>Receipts</source>
        <translation>Quittungen</translation>
    </message>
    <message>
        <source>asked for</source>
        <translation>werden erbeten</translation>
    </message>
    <message>
        <source>not asked for</source>
        <translation>werden nicht erbeten</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Tempo</translation>
    </message>
    <message>
        <source>with the oldest file on the topic</source>
        <translation>mit der ältesten Datei im Topic</translation>
    </message>
    <message>
        <source>with what comes from now on</source>
        <translation>mit dem, was ab jetzt kommt</translation>
    </message>
    <message>
        <source>both are kept, the new one under another name</source>
        <translation>beide bleiben, die neue unter einem anderen Namen</translation>
    </message>
    <message>
        <source>the newer one wins</source>
        <translation>die neuere gewinnt</translation>
    </message>
    <message>
        <source>the one that is there stays</source>
        <translation>die vorhandene bleibt</translation>
    </message>
    <message>
        <source>shared with other computers as “%1”: each file goes to one of them</source>
        <translation>mit anderen Computern geteilt als „%1“: Jede Datei geht an einen davon</translation>
    </message>
    <message>
        <source>Topics</source>
        <translation>Topics</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>Verbindung</translation>
    </message>
    <message>
        <source>Saved in</source>
        <translation>Gespeichert in</translation>
    </message>
    <message>
        <source>Begins</source>
        <translation>Beginnt</translation>
    </message>
    <message>
        <source>Takes</source>
        <translation>Nimmt</translation>
    </message>
    <message>
        <source>If a file exists</source>
        <translation>Vorhandene Datei</translation>
    </message>
    <message>
        <source>sent for every file</source>
        <translation>werden für jede Datei gesendet</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>Readers</source>
        <translation>Empfänger</translation>
    </message>
    <message>
        <source>this computer gets every file</source>
        <translation>dieser Computer bekommt jede Datei</translation>
    </message>
    <message>
        <source>Keeps free</source>
        <translation>Lässt frei</translation>
    </message>
    <message>
        <source>%1 on the disk of the folder</source>
        <translation>%1 auf dem Laufwerk des Ordners</translation>
    </message>
    <message>
        <source>both are kept, ours under another name</source>
        <translation>beide bleiben, unseres unter anderem Namen</translation>
    </message>
    <message>
        <source>ours takes the name, the other one is moved aside</source>
        <translation>unseres bekommt den Namen, das andere wird beiseitegelegt</translation>
    </message>
    <message>
        <source>Stored in</source>
        <translation>Abgelegt in</translation>
    </message>
    <message>
        <source>the bucket %1 as %2</source>
        <translation>dem Bucket %1 als %2</translation>
    </message>
    <message>
        <source>If an object exists</source>
        <translation>Wenn es ein Objekt schon gibt</translation>
    </message>
    <message>
        <source>go to the topic %1</source>
        <translation>gehen an das Topic %1</translation>
    </message>
    <message>
        <source>are not sent</source>
        <translation>werden nicht gesendet</translation>
    </message>
    <message numerus="yes">
        <source>%n tries for each file</source>
        <translation>
            <numerusform>%n Versuch für jede Datei</numerusform>
            <numerusform>%n Versuche für jede Datei</numerusform>
        </translation>
    </message>
    <message>
        <source>at most %1 for a file, %2</source>
        <translation>höchstens %1 für eine Datei, %2</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Führt aus</translation>
    </message>
    <message>
        <source>Limits</source>
        <translation>Grenzen</translation>
    </message>
    <message>
        <source>Results</source>
        <translation>Ergebnisse</translation>
    </message>
    <message>
        <source>Size of a part</source>
        <translation>Größe eines Teils</translation>
    </message>
    <message>
        <source>%1 of file data in one message</source>
        <translation>%1 Dateiinhalt in einer Nachricht</translation>
    </message>
    <message>
        <source>Consumer group</source>
        <translation>Consumer-Gruppe</translation>
    </message>
    <message>
        <source>none: this computer keeps its own position</source>
        <translation>keine: Dieser Computer merkt sich seine Position selbst</translation>
    </message>
    <message>
        <source>topic %1 on %2</source>
        <translation>Topic %1 auf %2</translation>
    </message>
    <message>
        <source>%1, below %2</source>
        <translation>%1, unter %2</translation>
    </message>
    <message>
        <source>temporary and hidden files</source>
        <translation>temporäre und versteckte Dateien</translation>
    </message>
    <message>
        <source>sub-folders</source>
        <translation>Unterordner</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>nichts</translation>
    </message>
    <message>
        <source>from %1 to %2</source>
        <translation>von %1 bis %2</translation>
    </message>
    <message>
        <source>at least %1</source>
        <translation>mindestens %1</translation>
    </message>
    <message>
        <source>at most %1</source>
        <translation>höchstens %1</translation>
    </message>
    <message>
        <source>never: what is there is sent every %1</source>
        <translation>nie: Alle %1 wird gesendet, was da ist</translation>
    </message>
    <message>
        <source>its whole sub-folder has not changed for %1</source>
        <translation>sich ihr ganzer Unterordner %1 lang nicht geändert hat</translation>
    </message>
    <message>
        <source>it has not changed for %1</source>
        <translation>sie sich %1 lang nicht geändert hat</translation>
    </message>
    <message>
        <source>at once, when it appears</source>
        <translation>sie erscheint, also sofort</translation>
    </message>
    <message>
        <source>%1, and its marker %2 is there</source>
        <translation>%1, und wenn ihre Markierung %2 da ist</translation>
    </message>
    <message>
        <source>%1, and its partner %2 is there</source>
        <translation>%1, und wenn ihr Partner %2 da ist</translation>
    </message>
    <message>
        <source>%1; after %2 in any case</source>
        <translation>%1; länger als %2 wird nie gewartet</translation>
    </message>
    <message>
        <source>files that were there at the first start are sent, too</source>
        <translation>Dateien, die beim ersten Start da waren, werden auch gesendet</translation>
    </message>
    <message>
        <source>files that were there at the first start are not sent, unless they change</source>
        <translation>Dateien, die beim ersten Start da waren, werden nur gesendet, wenn sie sich ändern</translation>
    </message>
    <message>
        <source>every file is read back from the topic and compared</source>
        <translation>jede Datei wird aus dem Topic zurückgelesen und verglichen</translation>
    </message>
    <message>
        <source>the broker’s confirmation counts; files are not read back</source>
        <translation>die Bestätigung des Brokers zählt; Dateien werden nicht zurückgelesen</translation>
    </message>
    <message>
        <source>no limit</source>
        <translation>keine Grenze</translation>
    </message>
    <message>
        <source>%1–%2</source>
        <translation>%1–%2</translation>
    </message>
    <message>
        <source>every day %1: %2</source>
        <translation>täglich %1: %2</translation>
    </message>
    <message>
        <source>%1 %2: %3</source>
        <translation>%1 %2: %3</translation>
    </message>
    <message>
        <source>Nothing was written. Close this window and open it again: it then shows what the file says now.</source>
        <translation>Es wurde nichts geschrieben. Schließen Sie dieses Fenster, und öffnen Sie es erneut: Dann zeigt es, was jetzt in der Datei steht.</translation>
    </message>
    <message>
        <source>There is a task “%1” already. Choose another name.</source>
        <translation>Es gibt schon eine Aufgabe „%1“. Wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>This topic keeps only the newest message of each name, so parts of files would be lost. Choose another.</source>
        <translation>Dieses Topic behält nur die neueste Nachricht jedes Namens, deshalb gingen Teile von Dateien verloren. Wählen Sie ein anderes.</translation>
    </message>
    <message>
        <source>The topic exists, but you may not write to it. Ask the broker’s administrators for the right.</source>
        <translation>Das Topic gibt es, aber Sie dürfen nicht hineinschreiben. Bitten Sie die Administratoren des Brokers um das Recht.</translation>
    </message>
    <message>
        <source>The topic exists, but you may not read it. Ask the broker’s administrators for the right.</source>
        <translation>Das Topic gibt es, aber Sie dürfen es nicht lesen. Bitten Sie die Administratoren des Brokers um das Recht.</translation>
    </message>
    <message>
        <source>The topic takes no messages as big as the part size. Make the part size smaller, under “More”.</source>
        <translation>Das Topic nimmt keine so großen Nachrichten an. Verkleinern Sie unter „Mehr“ die Größe der Teile.</translation>
    </message>
    <message numerus="yes">
        <source>The topic exists, but keeps files for %n hour(s) only.</source>
        <translation>
            <numerusform>Das Topic gibt es, aber es behält Dateien nur %n Stunde lang.</numerusform>
            <numerusform>Das Topic gibt es, aber es behält Dateien nur %n Stunden lang.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The topic exists, but keeps files for %n day(s) only.</source>
        <translation>
            <numerusform>Das Topic gibt es, aber es behält Dateien nur %n Tag lang.</numerusform>
            <numerusform>Das Topic gibt es, aber es behält Dateien nur %n Tage lang.</numerusform>
        </translation>
    </message>
    <message>
        <source>topic exists</source>
        <translation>Topic ist vorhanden</translation>
    </message>
    <message>
        <source>topic exists, you may write</source>
        <translation>Topic ist vorhanden, Sie dürfen schreiben</translation>
    </message>
    <message>
        <source>topic exists, you may read</source>
        <translation>Topic ist vorhanden, Sie dürfen lesen</translation>
    </message>
    <message>
        <source>There is no such topic. Check the name, or ask the broker’s administrators to create it.</source>
        <translation>Dieses Topic gibt es nicht. Prüfen Sie den Namen, oder bitten Sie die Administratoren des Brokers, es anzulegen.</translation>
    </message>
    <message>
        <source>You may not look at this topic. Check its name with the administrators.</source>
        <translation>Sie dürfen dieses Topic nicht ansehen. Prüfen Sie seinen Namen mit den Administratoren.</translation>
    </message>
    <message>
        <source>Not checked: the broker cannot be reached just now.</source>
        <translation>Nicht geprüft: Der Broker ist gerade nicht erreichbar.</translation>
    </message>
    <message>
        <source>Not checked: %1</source>
        <translation>Nicht geprüft: %1</translation>
    </message>
    <message>
        <source>Nothing is sent or downloaded before the file is repaired. %1</source>
        <translation>Es wird nichts gesendet oder heruntergeladen, bevor die Datei repariert ist. %1</translation>
    </message>
    <message>
        <source>Everything goes on with the settings of before. %1</source>
        <translation>Alles läuft mit den vorigen Einstellungen weiter. %1</translation>
    </message>
    <message>
        <source>Show the file</source>
        <translation>Datei anzeigen</translation>
    </message>
    <message>
        <source>Read it again</source>
        <translation>Erneut lesen</translation>
    </message>
    <message>
        <source>Not running: %1</source>
        <translation>Läuft nicht: %1</translation>
    </message>
    <message>
        <source>Nothing is sent or downloaded. Your files are safe where they are. It is tried again every few seconds. %1</source>
        <translation>Es wird nichts gesendet oder heruntergeladen. Ihre Dateien sind sicher, wo sie sind. Alle paar Sekunden wird es erneut versucht. %1</translation>
    </message>
    <message>
        <source>What is going on cannot be seen now: %1</source>
        <translation>Was gerade geschieht, ist jetzt nicht zu sehen: %1</translation>
    </message>
    <message>
        <source>What is shown below is how it was before. Your files are safe where they are. %1</source>
        <translation>Unten steht, wie es vorher war. Ihre Dateien sind sicher, wo sie sind. %1</translation>
    </message>
    <message>
        <source>Nothing is sent or downloaded yet. Your files are safe where they are. It goes on by itself.</source>
        <translation>Es wird noch nichts gesendet oder heruntergeladen. Ihre Dateien sind sicher, wo sie sind. Es geht von selbst weiter.</translation>
    </message>
    <message>
        <source>Starting takes longer than usual</source>
        <translation>Der Start dauert länger als gewöhnlich</translation>
    </message>
    <message>
        <source>Explain</source>
        <translation>Erklären</translation>
    </message>
    <message>
        <source>Send them as they are</source>
        <translation>So senden, wie sie sind</translation>
    </message>
    <message>
        <source>Do not send them</source>
        <translation>Nicht senden</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Ignore</source>
        <translation>Ignorieren</translation>
    </message>
    <message>
        <source>held since %1</source>
        <translation>angehalten seit %1</translation>
    </message>
    <message numerus="yes">
        <source>%n tries</source>
        <translation>
            <numerusform>%n Versuch</numerusform>
            <numerusform>%n Versuche</numerusform>
        </translation>
    </message>
    <message>
        <source>first %1 · last %2 · %3</source>
        <translation>zuerst %1 · zuletzt %2 · %3</translation>
    </message>
    <message>
        <source>since %1</source>
        <translation>seit %1</translation>
    </message>
    <message>
        <source>%1   %2</source>
        <translation>%1   %2</translation>
    </message>
    <message>
        <source>Edit or test the connection…</source>
        <translation>Verbindung bearbeiten oder testen…</translation>
    </message>
    <message>
        <source>Edit the task…</source>
        <translation>Aufgabe bearbeiten…</translation>
    </message>
    <message>
        <source>It was sent already</source>
        <translation>Es ist schon gesendet</translation>
    </message>
    <message>
        <source>Only what is new</source>
        <translation>Nur was neu ist</translation>
    </message>
    <message>
        <source>Send everything again</source>
        <translation>Alles noch einmal senden</translation>
    </message>
    <message>
        <source>Today’s date is right</source>
        <translation>Das heutige Datum stimmt</translation>
    </message>
    <message>
        <source>Read the new topic from its beginning</source>
        <translation>Das neue Topic von Anfang an lesen</translation>
    </message>
    <message>
        <source>It is the right folder</source>
        <translation>Es ist der richtige Ordner</translation>
    </message>
    <message>
        <source>Skip: %1</source>
        <translation>Auslassen: %1</translation>
    </message>
    <message>
        <source>temporary or system file (%1)</source>
        <translation>temporäre oder Systemdatei (%1)</translation>
    </message>
    <message>
        <source>records of OpenMSIStream</source>
        <translation>Aufzeichnungen von OpenMSIStream</translation>
    </message>
    <message>
        <source>not in “Only”</source>
        <translation>nicht in „Nur“</translation>
    </message>
    <message>
        <source>in a sub-folder</source>
        <translation>in einem Unterordner</translation>
    </message>
    <message>
        <source>too small</source>
        <translation>zu klein</translation>
    </message>
    <message>
        <source>too big</source>
        <translation>zu groß</translation>
    </message>
    <message>
        <source>too old</source>
        <translation>zu alt</translation>
    </message>
    <message>
        <source>marker file</source>
        <translation>Markierungsdatei</translation>
    </message>
    <message>
        <source>unfinished download</source>
        <translation>unfertiger Download</translation>
    </message>
    <message>
        <source>“%1” cannot match any file. Write a pattern such as *.tif or old/**.</source>
        <translation>„%1“ kann zu keiner Datei passen. Schreiben Sie ein Muster wie *.tif oder alt/**.</translation>
    </message>
    <message>
        <source>%1 – last change %2</source>
        <translation>%1 – letzte Änderung %2</translation>
    </message>
    <message>
        <source>“%1” was changed in the settings file meanwhile</source>
        <translation>„%1“ wurde inzwischen in der Einstellungsdatei geändert</translation>
    </message>
    <message>
        <source>Close this window and open it again: it then shows what the file says now.</source>
        <translation>Schließen Sie dieses Fenster, und öffnen Sie es erneut: Dann zeigt es, was jetzt in der Datei steht.</translation>
    </message>
    <message>
        <source>There is another connection “%1” already</source>
        <translation>Es gibt schon eine andere Verbindung „%1“</translation>
    </message>
    <message>
        <source>Choose another name.</source>
        <translation>Wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>This program has made a mistake</source>
        <translation>Dieses Programm hat einen Fehler gemacht</translation>
    </message>
    <message>
        <source>What is sent and received goes on. The details are in its log.</source>
        <translation>Senden und Empfangen gehen weiter. Die Einzelheiten stehen im Protokoll.</translation>
    </message>
    <message numerus="yes">
        <source>%n field(s) need to be corrected first.</source>
        <translation>
            <numerusform>Zuerst muss %n Feld korrigiert werden.</numerusform>
            <numerusform>Zuerst müssen %n Felder korrigiert werden.</numerusform>
        </translation>
    </message>
    <message>
        <source>Store again</source>
        <translation>Noch einmal ablegen</translation>
    </message>
    <message>
        <source>Run again</source>
        <translation>Noch einmal ausführen</translation>
    </message>
    <message>
        <source>Hand on again</source>
        <translation>Noch einmal weitergeben</translation>
    </message>
    <message>
        <source>What “%1” printed last</source>
        <translation>Was „%1“ zuletzt ausgegeben hat</translation>
    </message>
    <message>
        <source>Processing</source>
        <translation>Verarbeiten</translation>
    </message>
    <message>
        <source>Run a program</source>
        <translation>Ein Programm ausführen</translation>
    </message>
    <message>
        <source>Hand every file of a topic to a program or a Python class</source>
        <translation>Jede Datei eines Topics an ein Programm oder eine Python-Klasse geben</translation>
    </message>
    <message>
        <source>Sending on to S3</source>
        <translation>Weitersenden an S3</translation>
    </message>
    <message>
        <source>Send on to S3</source>
        <translation>An S3 weitersenden</translation>
    </message>
    <message>
        <source>Store the files of a topic in a bucket</source>
        <translation>Die Dateien eines Topics in einem Bucket ablegen</translation>
    </message>
    <message>
        <source>Arguments</source>
        <translation>Argumente</translation>
    </message>
    <message>
        <source>Line %1: there is no {%2}. Click one of the names below, or write {{%2}} to mean it as it is.</source>
        <translation>Zeile %1: Es gibt kein {%2}. Klicken Sie auf einen der Namen darunter, oder schreiben Sie {{%2}}, wenn es so gemeint ist.</translation>
    </message>
    <message>
        <source>the file on this computer, with its whole path</source>
        <translation>die Datei auf diesem Computer, mit ihrem ganzen Pfad</translation>
    </message>
    <message>
        <source>its path on the topic</source>
        <translation>ihr Pfad im Topic</translation>
    </message>
    <message>
        <source>its name without folders</source>
        <translation>ihr Name ohne Ordner</translation>
    </message>
    <message>
        <source>the topic that it came by</source>
        <translation>das Topic, über das sie kam</translation>
    </message>
    <message>
        <source>the fingerprint of its contents</source>
        <translation>der Fingerabdruck ihres Inhalts</translation>
    </message>
    <message>
        <source>its size in bytes</source>
        <translation>ihre Größe in Bytes</translation>
    </message>
    <message>
        <source>an empty folder: what is left there goes to the topic for results</source>
        <translation>ein leerer Ordner: Was dort zurückbleibt, geht an das Topic für Ergebnisse</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>For example, %1 becomes %2</source>
        <translation>Zum Beispiel wird %1 zu %2</translation>
    </message>
    <message>
        <source>the topic that the file came by</source>
        <translation>das Topic, über das die Datei kam</translation>
    </message>
    <message>
        <source>path and name of the file on the topic</source>
        <translation>Pfad und Name der Datei im Topic</translation>
    </message>
    <message>
        <source>its folders without its name</source>
        <translation>ihre Ordner ohne ihren Namen</translation>
    </message>
    <message>
        <source>its name without its folders</source>
        <translation>ihr Name ohne ihre Ordner</translation>
    </message>
    <message>
        <source>the day of its last change</source>
        <translation>der Tag ihrer letzten Änderung</translation>
    </message>
    <message>
        <source>Say what the objects are called, for example {topic}/{path}.</source>
        <translation>Geben Sie an, wie die Objekte heißen, zum Beispiel {topic}/{path}.</translation>
    </message>
    <message>
        <source>There is no {%1}. Click one of the names below to put it in.</source>
        <translation>Es gibt kein {%1}. Klicken Sie auf einen der Namen darunter, um ihn einzusetzen.</translation>
    </message>
    <message>
        <source>A brace stands alone. Put a name between { and }, or take the brace out.</source>
        <translation>Eine Klammer steht allein. Setzen Sie einen Namen zwischen { und }, oder nehmen Sie die Klammer heraus.</translation>
    </message>
    <message>
        <source>All files would get the same key, and only one of them would stay. Put in {path}, {name} or {sha512}.</source>
        <translation>Alle Dateien bekämen denselben Namen, und nur eine bliebe übrig. Setzen Sie {path}, {name} oder {sha512} ein.</translation>
    </message>
    <message>
        <source>Line %1: write name = value; the name has letters, digits and _ only.</source>
        <translation>Zeile %1: Schreiben Sie Name = Wert; der Name hat nur Buchstaben, Ziffern und _.</translation>
    </message>
    <message>
        <source>Put in {%1}: %2</source>
        <translation>{%1} einsetzen: %2</translation>
    </message>
    <message>
        <source>Store</source>
        <comment>a server with buckets</comment>
        <translation>Speicherdienst</translation>
    </message>
    <message>
        <source>Region</source>
        <translation>Region</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>the server’s own</source>
        <translation>die des Servers</translation>
    </message>
    <message>
        <source>Type it as it is shown in the pages of the store, for example %1.</source>
        <translation>Geben Sie es so ein, wie es auf den Seiten des Anbieters steht, zum Beispiel %1.</translation>
    </message>
    <message>
        <source>Type the address of the store, with https:// at its beginning.</source>
        <translation>Geben Sie die Adresse des Speichers ein, mit https:// am Anfang.</translation>
    </message>
    <message>
        <source>Another S3 server</source>
        <translation>Ein anderer S3-Server</translation>
    </message>
    <message>
        <source>Account id</source>
        <translation>Kontokennung</translation>
    </message>
    <message>
        <source>The keys of a user (IAM) who may do nothing but write into this bucket are enough.</source>
        <translation>Die Schlüssel eines Benutzers (IAM), der nur in diesen Bucket schreiben darf, genügen.</translation>
    </message>
    <message>
        <source>The port is that for programs (usually 9000), not that of the web page.</source>
        <translation>Der Port ist der für Programme (meist 9000), nicht der der Webseite.</translation>
    </message>
    <message>
        <source>The keys are those that radosgw-admin shows for your user.</source>
        <translation>Die Schlüssel sind die, die radosgw-admin für Ihren Benutzer anzeigt.</translation>
    </message>
    <message>
        <source>Use an application key made for this bucket (keyID and applicationKey), not the master key.</source>
        <translation>Benutzen Sie einen Anwendungsschlüssel für diesen Bucket (keyID und applicationKey), nicht den Hauptschlüssel.</translation>
    </message>
    <message>
        <source>The keys are those of an R2 API token that may read and write objects.</source>
        <translation>Die Schlüssel sind die eines R2-API-Tokens, das Objekte lesen und schreiben darf.</translation>
    </message>
    <message>
        <source>Use an HMAC key of a service account (Settings, Interoperability).</source>
        <translation>Benutzen Sie einen HMAC-Schlüssel eines Dienstkontos (Einstellungen, Interoperabilität).</translation>
    </message>
    <message>
        <source>Ask whoever runs it for the address, the region if there is one, and your keys.</source>
        <translation>Fragen Sie den Betreiber nach der Adresse, der Region, falls es eine gibt, und Ihren Schlüsseln.</translation>
    </message>
    <message>
        <source>Everything that was received is stored, or on its way.</source>
        <translation>Alles Empfangene ist abgelegt oder unterwegs.</translation>
    </message>
    <message>
        <source>Everything that was received is processed, or on its way.</source>
        <translation>Alles Empfangene ist verarbeitet oder unterwegs.</translation>
    </message>
    <message>
        <source>Everything that was received is saved, or on its way.</source>
        <translation>Alles Empfangene ist gespeichert oder unterwegs.</translation>
    </message>
    <message>
        <source>Everything that was found is sent, or on its way.</source>
        <translation>Alles Gefundene ist gesendet oder unterwegs.</translation>
    </message>
</context>
<context>
    <name>AgainMenu</name>
    <message>
        <source>Files that were given up</source>
        <translation>Aufgegebene Dateien</translation>
    </message>
    <message>
        <source>Everything since…</source>
        <translation>Alles seit …</translation>
    </message>
</context>
<context>
    <name>AlsoTo</name>
    <message>
        <source>also into the bucket %1</source>
        <translation>auch in den Bucket %1</translation>
    </message>
    <message>
        <source>also to the program %1</source>
        <translation>auch an das Programm %1</translation>
    </message>
    <message>
        <source>Edit…</source>
        <translation>Bearbeiten …</translation>
    </message>
    <message>
        <source>Take out</source>
        <translation>Herausnehmen</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
</context>
<context>
    <name>Begin</name>
    <message>
        <source>Everything that is on the topic, from the start</source>
        <translation>Alles, was im Topic ist, von Anfang an</translation>
    </message>
    <message>
        <source>Only what comes from now on</source>
        <translation>Nur was ab jetzt kommt</translation>
    </message>
    <message>
        <source>What was sent since</source>
        <translation>Was gesendet wurde seit</translation>
    </message>
    <message>
        <source>Where to begin</source>
        <translation>Womit beginnen?</translation>
    </message>
</context>
<context>
    <name>BucketDialog</name>
    <message>
        <source>Bucket “%1”</source>
        <translation>Bucket „%1“</translation>
    </message>
    <message>
        <source>Technical details: comparing, addresses</source>
        <translation>Technische Einzelheiten: Vergleichen, Adressen</translation>
    </message>
</context>
<context>
    <name>BucketForm</name>
    <message>
        <source>Access key id</source>
        <translation>Zugriffsschlüssel</translation>
    </message>
    <message>
        <source>Empty: the keys that this computer has for S3 anyway, in its environment or a profile.</source>
        <translation>Leer: die Schlüssel, die dieser Computer ohnehin für S3 hat, in seiner Umgebung oder einem Profil.</translation>
    </message>
    <message>
        <source>Secret key</source>
        <translation>Geheimer Schlüssel</translation>
    </message>
    <message>
        <source>Show buckets</source>
        <translation>Buckets anzeigen</translation>
    </message>
    <message>
        <source>Bucket</source>
        <translation>Bucket</translation>
    </message>
    <message>
        <source>Name of objects</source>
        <translation>Name der Objekte</translation>
    </message>
    <message>
        <source>the best that the store has</source>
        <translation>das Beste, was der Speicher hat</translation>
    </message>
    <message>
        <source>read back and compare</source>
        <translation>zurücklesen und vergleichen</translation>
    </message>
    <message>
        <source>Comparing</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>find out</source>
        <translation>herausfinden</translation>
    </message>
    <message>
        <source>in the path</source>
        <translation>im Pfad</translation>
    </message>
    <message>
        <source>in the host name</source>
        <translation>im Rechnernamen</translation>
    </message>
    <message>
        <source>Bucket’s name stands</source>
        <translation>Bucketname steht</translation>
    </message>
    <message>
        <source>Choose the certificate of the authority that the server’s certificate comes from</source>
        <translation>Wählen Sie das Zertifikat der Stelle, von der das Zertifikat des Servers stammt</translation>
    </message>
    <message>
        <source>CA file</source>
        <translation>CA-Datei</translation>
    </message>
    <message>
        <source>usual</source>
        <translation>üblich</translation>
    </message>
    <message>
        <source>Files at once</source>
        <translation>Dateien zugleich</translation>
    </message>
    <message numerus="yes">
        <source>%n bucket(s) to choose from</source>
        <translation>
            <numerusform>%n Bucket zur Auswahl</numerusform>
            <numerusform>%n Buckets zur Auswahl</numerusform>
        </translation>
    </message>
    <message>
        <source>Kept in %1</source>
        <translation>Aufbewahrt in %1</translation>
    </message>
    <message>
        <source>It cannot be kept now</source>
        <translation>Kann gerade nicht aufbewahrt werden</translation>
    </message>
    <message>
        <source>Type the access key id that belongs to the secret key, or take the secret key out.</source>
        <translation>Geben Sie den Zugriffsschlüssel ein, der zum geheimen Schlüssel gehört, oder leeren Sie das Feld des geheimen Schlüssels.</translation>
    </message>
    <message>
        <source>Type the secret key that belongs to the access key id.</source>
        <translation>Geben Sie den geheimen Schlüssel ein, der zum Zugriffsschlüssel gehört.</translation>
    </message>
    <message>
        <source>Type the name of the bucket, or let the buckets of the store be shown.</source>
        <translation>Geben Sie den Namen des Buckets ein, oder lassen Sie die Buckets des Speichers anzeigen.</translation>
    </message>
    <message>
        <source>A bucket’s name has at least three letters or digits, and no blanks or slashes.</source>
        <translation>Der Name eines Buckets hat mindestens drei Buchstaben oder Ziffern und keine Leerzeichen oder Schrägstriche.</translation>
    </message>
    <message>
        <source>There is no such file.</source>
        <translation>Diese Datei gibt es nicht.</translation>
    </message>
</context>
<context>
    <name>BucketList</name>
    <message>
        <source>Buckets</source>
        <translation>Buckets</translation>
    </message>
    <message>
        <source>key %1, secret in the keyring</source>
        <translation>Schlüssel %1, Geheimnis im Schlüsselbund</translation>
    </message>
    <message>
        <source>keys of this computer</source>
        <translation>Schlüssel dieses Computers</translation>
    </message>
    <message numerus="yes">
        <source>%n task(s)</source>
        <translation>
            <numerusform>%n Aufgabe</numerusform>
            <numerusform>%n Aufgaben</numerusform>
        </translation>
    </message>
    <message>
        <source>not used</source>
        <translation>nicht benutzt</translation>
    </message>
    <message>
        <source>Edit…</source>
        <translation>Bearbeiten …</translation>
    </message>
    <message>
        <source>Edit the bucket %1</source>
        <translation>Den Bucket %1 bearbeiten</translation>
    </message>
</context>
<context>
    <name>BucketPane</name>
    <message>
        <source>If a different object has that name already</source>
        <translation>Wenn ein anderes Objekt den Namen schon hat</translation>
    </message>
    <message>
        <source>Keep both: ours gets a name with the time beside it</source>
        <translation>Beide behalten: Unseres bekommt daneben einen Namen mit der Zeit</translation>
    </message>
    <message>
        <source>The newest takes the name, the other one is moved aside</source>
        <translation>Das neueste bekommt den Namen, das andere wird beiseitegelegt</translation>
    </message>
    <message>
        <source>Leave the one that is there, and skip ours</source>
        <translation>Das vorhandene lassen und unseres überspringen</translation>
    </message>
    <message>
        <source>%1. Nothing was saved. %2</source>
        <translation>%1. Es wurde nichts gespeichert. %2</translation>
    </message>
</context>
<context>
    <name>BucketTestView</name>
    <message>
        <source>A test takes a few seconds. It stores one small object, reads it back and deletes it again.</source>
        <translation>Ein Test dauert ein paar Sekunden. Er legt ein kleines Objekt ab, liest es zurück und löscht es wieder.</translation>
    </message>
    <message numerus="yes">
        <source>This bucket works, with %n warning(s)</source>
        <translation>
            <numerusform>Dieser Bucket funktioniert, mit %n Warnung</numerusform>
            <numerusform>Dieser Bucket funktioniert, mit %n Warnungen</numerusform>
        </translation>
    </message>
    <message>
        <source>This bucket works</source>
        <translation>Dieser Bucket funktioniert</translation>
    </message>
</context>
<context>
    <name>Card</name>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
</context>
<context>
    <name>CauseCard</name>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n Datei</numerusform>
            <numerusform>%n Dateien</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>und %n weitere</numerusform>
            <numerusform>und %n weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>Next try %1</source>
        <translation>Nächster Versuch %1</translation>
    </message>
</context>
<context>
    <name>Cell</name>
    <message>
        <source>%1 today: %2</source>
        <translation>%1 heute: %2</translation>
    </message>
</context>
<context>
    <name>Closing</name>
    <message>
        <source>Quit and stop sending?</source>
        <translation>Beenden und nicht mehr senden?</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) are still on their way.</source>
        <translation>
            <numerusform>%n Datei ist noch unterwegs.</numerusform>
            <numerusform>%n Dateien sind noch unterwegs.</numerusform>
        </translation>
    </message>
    <message>
        <source>They stay where they are and go on at the next start. Until then nothing is sent or downloaded.</source>
        <translation>Sie bleiben, wo sie sind, und beim nächsten Start geht es weiter. Bis dahin wird nichts gesendet oder heruntergeladen.</translation>
    </message>
    <message>
        <source>Stop sending and quit</source>
        <translation>Nicht mehr senden und beenden</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter senden</translation>
    </message>
    <message>
        <source>Go on sending while the window is closed?</source>
        <translation>Weiter senden, während das Fenster geschlossen ist?</translation>
    </message>
    <message>
        <source>The icon near the clock stays, shows how it goes, and opens the window again.</source>
        <translation>Das Symbol bei der Uhr bleibt, zeigt den Stand an und öffnet das Fenster wieder.</translation>
    </message>
    <message>
        <source>Close window, go on</source>
        <translation>Fenster schließen, weiter senden</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Do not ask again</source>
        <translation>Nicht mehr fragen</translation>
    </message>
    <message>
        <source>OpenMSI Desktop</source>
        <translation>OpenMSI Desktop</translation>
    </message>
</context>
<context>
    <name>ConnectionDialog</name>
    <message>
        <source>Connection</source>
        <translation>Verbindung</translation>
    </message>
    <message>
        <source>Connection “%1”</source>
        <translation>Verbindung „%1“</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Save without a test</source>
        <translation>Ohne Test speichern</translation>
    </message>
    <message>
        <source>%1. Nothing was saved. %2</source>
        <translation>%1. Es wurde nichts gespeichert. %2</translation>
    </message>
</context>
<context>
    <name>ConnectionForm</name>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Servers</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>Security</source>
        <translation>Sicherheit</translation>
    </message>
    <message>
        <source>Sign-in</source>
        <translation>Anmeldung</translation>
    </message>
    <message>
        <source>User name</source>
        <translation>Benutzername</translation>
    </message>
    <message>
        <source>Type the user name.</source>
        <translation>Geben Sie den Benutzernamen ein.</translation>
    </message>
    <message>
        <source>Client id</source>
        <translation>Client-ID</translation>
    </message>
    <message>
        <source>Type the client id that your identity provider gave you.</source>
        <translation>Geben Sie die Client-ID ein, die Sie von Ihrem Identitätsanbieter haben.</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Passwort</translation>
    </message>
    <message>
        <source>Token address</source>
        <translation>Token-Adresse</translation>
    </message>
    <message>
        <source>Scope</source>
        <translation>Scope</translation>
    </message>
    <message>
        <source>Only if your provider asks for it.</source>
        <translation>Nur wenn Ihr Anbieter es verlangt.</translation>
    </message>
    <message>
        <source>Principal</source>
        <translation>Principal</translation>
    </message>
    <message>
        <source>For example xrd@EXAMPLE.ORG. Empty: the one you are signed in with.</source>
        <translation>Zum Beispiel xrd@EXAMPLE.ORG. Leer: der, mit dem Sie angemeldet sind.</translation>
    </message>
    <message>
        <source>Keytab file</source>
        <translation>Keytab-Datei</translation>
    </message>
    <message>
        <source>Choose the keytab file</source>
        <translation>Keytab-Datei wählen</translation>
    </message>
    <message>
        <source>Service name</source>
        <translation>Dienstname</translation>
    </message>
    <message>
        <source>Empty: kafka.</source>
        <translation>Leer: kafka.</translation>
    </message>
    <message>
        <source>Certificate</source>
        <translation>Zertifikat</translation>
    </message>
    <message>
        <source>Choose the certificate of this computer</source>
        <translation>Zertifikat dieses Computers wählen</translation>
    </message>
    <message>
        <source>Private key</source>
        <translation>Privater Schlüssel</translation>
    </message>
    <message>
        <source>Choose the private key</source>
        <translation>Privaten Schlüssel wählen</translation>
    </message>
    <message>
        <source>System certificates</source>
        <translation>Zertifikate des Systems</translation>
    </message>
    <message>
        <source>CA file</source>
        <translation>CA-Datei</translation>
    </message>
    <message>
        <source>Trust</source>
        <translation>Vertrauen</translation>
    </message>
    <message>
        <source>Choose the certificate of the authority that the server&apos;s certificate comes from</source>
        <translation>Zertifikat der Stelle wählen, von der das Zertifikat des Servers stammt</translation>
    </message>
    <message>
        <source>Properties</source>
        <translation>Eigenschaften</translation>
    </message>
    <message>
        <source>One in each line: key = value, as librdkafka calls them. Never passwords.</source>
        <translation>Eine je Zeile: Schlüssel = Wert, wie librdkafka sie nennt. Nie Passwörter.</translation>
    </message>
    <message>
        <source>More settings</source>
        <translation>Weitere Einstellungen</translation>
    </message>
    <message>
        <source>There is no such file.</source>
        <translation>Diese Datei gibt es nicht.</translation>
    </message>
    <message>
        <source>Kept in %1</source>
        <translation>Aufbewahrt in %1</translation>
    </message>
    <message>
        <source>It cannot be kept now</source>
        <translation>Kann gerade nicht aufbewahrt werden</translation>
    </message>
    <message>
        <source>Give the connection a name, for example the one of your laboratory.</source>
        <translation>Geben Sie der Verbindung einen Namen, zum Beispiel den Ihres Labors.</translation>
    </message>
    <message>
        <source>There is another connection of this name. Choose a different one.</source>
        <translation>Es gibt schon eine Verbindung mit diesem Namen. Wählen Sie einen anderen.</translation>
    </message>
    <message>
        <source>Type the password.</source>
        <translation>Geben Sie das Passwort ein.</translation>
    </message>
    <message>
        <source>Type the client secret.</source>
        <translation>Geben Sie das Client-Geheimnis ein.</translation>
    </message>
    <message>
        <source>The password crosses the network readable. Choose SCRAM or an encrypted kind.</source>
        <translation>Das Passwort geht lesbar durch das Netz. Wählen Sie SCRAM oder eine verschlüsselte Art.</translation>
    </message>
    <message>
        <source>Client secret</source>
        <translation>Client-Geheimnis</translation>
    </message>
    <message>
        <source>Key password</source>
        <translation>Schlüssel-Passwort</translation>
    </message>
    <message>
        <source>Only if the private key is locked with one.</source>
        <translation>Nur wenn der private Schlüssel damit gesperrt ist.</translation>
    </message>
</context>
<context>
    <name>ConnectionPage</name>
    <message>
        <source>Which server?</source>
        <translation>Welcher Server?</translation>
    </message>
    <message>
        <source>Ask whoever runs your lab&apos;s Kafka for these. Test, then go on.</source>
        <translation>Wer das Kafka Ihres Labors betreibt, kann die Angaben nennen. Testen Sie, dann geht es weiter.</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>Verbindung</translation>
    </message>
    <message>
        <source>A new connection</source>
        <translation>Eine neue Verbindung</translation>
    </message>
    <message>
        <source>I&apos;ll do this later</source>
        <translation>Das mache ich später</translation>
    </message>
</context>
<context>
    <name>ConnectionPicker</name>
    <message>
        <source>Connection</source>
        <translation>Verbindung</translation>
    </message>
    <message>
        <source>no connection yet</source>
        <translation>noch keine Verbindung</translation>
    </message>
    <message>
        <source>New connection…</source>
        <translation>Neue Verbindung…</translation>
    </message>
</context>
<context>
    <name>ConnectionTestView</name>
    <message>
        <source>Topic to test too</source>
        <translation>Topic, das auch getestet wird</translation>
    </message>
    <message>
        <source>topic, if you like</source>
        <translation>Topic, wenn gewünscht</translation>
    </message>
    <message>
        <source>Also test</source>
        <translation>Auch testen</translation>
    </message>
    <message>
        <source>May you write to it and read it? Nothing is stored there.</source>
        <translation>Dürfen Sie darin schreiben und lesen? Es wird dort nichts gespeichert.</translation>
    </message>
    <message>
        <source>A test takes a few seconds. It stores nothing on the server.</source>
        <translation>Ein Test dauert ein paar Sekunden. Er speichert nichts auf dem Server.</translation>
    </message>
    <message>
        <source>Writing and reading were not tested: name a topic below.</source>
        <translation>Schreiben und Lesen wurden nicht getestet: Nennen Sie unten ein Topic.</translation>
    </message>
    <message numerus="yes">
        <source>This connection works, with %n warning(s)</source>
        <translation>
            <numerusform>Diese Verbindung funktioniert, mit %n Warnung</numerusform>
            <numerusform>Diese Verbindung funktioniert, mit %n Warnungen</numerusform>
        </translation>
    </message>
    <message>
        <source>This connection works</source>
        <translation>Diese Verbindung funktioniert</translation>
    </message>
</context>
<context>
    <name>ConnectionsPage</name>
    <message>
        <source>Connections</source>
        <translation>Verbindungen</translation>
    </message>
    <message>
        <source>There is no connection yet. Add the Kafka server of your laboratory.</source>
        <translation>Es gibt noch keine Verbindung. Fügen Sie den Kafka-Server Ihres Labors hinzu.</translation>
    </message>
    <message>
        <source>Add…</source>
        <translation>Hinzufügen…</translation>
    </message>
    <message>
        <source>Edit…</source>
        <translation>Bearbeiten…</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>“%1” is in use</source>
        <translation>„%1“ wird benutzt</translation>
    </message>
    <message numerus="yes">
        <source>%n task(s) send or receive over it:</source>
        <translation>
            <numerusform>%n Aufgabe sendet oder empfängt darüber:</numerusform>
            <numerusform>%n Aufgaben senden oder empfangen darüber:</numerusform>
        </translation>
    </message>
    <message>
        <source>Give them another connection, or remove them first. Nothing was changed.</source>
        <translation>Geben Sie ihnen eine andere Verbindung, oder entfernen Sie sie zuerst. Es wurde nichts geändert.</translation>
    </message>
    <message>
        <source>Remove the connection “%1”?</source>
        <translation>Verbindung „%1“ entfernen?</translation>
    </message>
    <message>
        <source>Its password is taken out of the keyring too. No file is deleted anywhere.</source>
        <translation>Auch ihr Passwort wird aus dem Schlüsselbund entfernt. Nirgends wird eine Datei gelöscht.</translation>
    </message>
    <message>
        <source>The connection is removed, its password is still in the keyring</source>
        <translation>Die Verbindung ist entfernt, ihr Passwort ist noch im Schlüsselbund</translation>
    </message>
    <message>
        <source>not tested</source>
        <translation>nicht getestet</translation>
    </message>
    <message>
        <source>tested %1</source>
        <translation>getestet %1</translation>
    </message>
    <message numerus="yes">
        <source>%n task(s)</source>
        <translation>
            <numerusform>%n Aufgabe</numerusform>
            <numerusform>%n Aufgaben</numerusform>
        </translation>
    </message>
    <message>
        <source>not used</source>
        <translation>nicht benutzt</translation>
    </message>
</context>
<context>
    <name>CrashDialog</name>
    <message>
        <source>OpenMSI Desktop has made a mistake</source>
        <translation>OpenMSI Desktop hat einen Fehler gemacht</translation>
    </message>
    <message>
        <source>Something in this program went wrong</source>
        <translation>In diesem Programm ist etwas schiefgegangen</translation>
    </message>
    <message>
        <source>What was sent or received stays as it is, and other tasks go on. If something looks wrong now, quit and start again: everything goes on from where it is. With this report the mistake can be found.</source>
        <translation>Was gesendet oder empfangen wurde, bleibt, wie es ist, und andere Aufgaben laufen weiter. Wenn jetzt etwas falsch aussieht, beenden Sie das Programm und starten Sie es neu: Alles geht dort weiter, wo es ist. Mit diesem Bericht lässt sich der Fehler finden.</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>It is also in the log: %1</source>
        <translation>Er steht auch im Protokoll: %1</translation>
    </message>
    <message>
        <source>&amp;Copy report</source>
        <translation>Bericht &amp;kopieren</translation>
    </message>
    <message>
        <source>&amp;Open folder of the log</source>
        <translation>&amp;Ordner des Protokolls öffnen</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
</context>
<context>
    <name>Detail</name>
    <message>
        <source>Pages of this task</source>
        <translation>Seiten dieser Aufgabe</translation>
    </message>
    <message>
        <source>Overview</source>
        <translation>Übersicht</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Problems</source>
        <translation>Probleme</translation>
    </message>
    <message>
        <source>Rules</source>
        <translation>Regeln</translation>
    </message>
    <message>
        <source>Problems (%1)</source>
        <translation>Probleme (%1)</translation>
    </message>
</context>
<context>
    <name>DownloadDialog</name>
    <message>
        <source>Download a topic</source>
        <translation>Topic herunterladen</translation>
    </message>
    <message>
        <source>Change what is downloaded</source>
        <translation>Ändern, was heruntergeladen wird</translation>
    </message>
    <message>
        <source>Start downloading</source>
        <translation>Herunterladen starten</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Choose the folder for the files</source>
        <translation>Ordner für die Dateien wählen</translation>
    </message>
    <message>
        <source>Into folder</source>
        <translation>In den Ordner</translation>
    </message>
    <message>
        <source>Keep both: the new one gets a name with the time beside it</source>
        <translation>Beide behalten: Die neue bekommt einen Namen mit der Uhrzeit</translation>
    </message>
    <message>
        <source>The newest wins</source>
        <translation>Die neueste gewinnt</translation>
    </message>
    <message>
        <source>Leave the one that is there, and skip the new one</source>
        <translation>Die vorhandene behalten und die neue auslassen</translation>
    </message>
    <message>
        <source>usual</source>
        <translation>wie üblich</translation>
    </message>
    <message>
        <source>Keep free</source>
        <translation>Frei lassen</translation>
    </message>
    <message>
        <source>Downloading pauses while less is free on that disk. Usual: 1 GB, or 5 % of the disk if that is more.</source>
        <translation>Solange auf dem Laufwerk weniger frei ist, pausiert das Herunterladen. Üblich: 1 GB, oder 5 % des Laufwerks, wenn das mehr ist.</translation>
    </message>
    <message>
        <source>If another file has that name already</source>
        <translation>Wenn schon eine andere Datei so heißt</translation>
    </message>
    <message>
        <source>More: only some files, room on the disk, receipts</source>
        <translation>Mehr: nur manche Dateien, Platz auf dem Datenträger, Quittungen</translation>
    </message>
    <message>
        <source>“%1” sends what lies there</source>
        <translation>„%1“ sendet, was dort liegt</translation>
    </message>
    <message>
        <source>network share</source>
        <translation>Netzwerkfreigabe</translation>
    </message>
    <message>
        <source>local disk</source>
        <translation>lokales Laufwerk</translation>
    </message>
    <message>
        <source>will be made</source>
        <translation>wird angelegt</translation>
    </message>
    <message>
        <source>%1 free</source>
        <translation>%1 frei</translation>
    </message>
    <message>
        <source>With another folder or group this download begins anew: it no longer knows which files it had.</source>
        <translation>Mit einem anderen Ordner oder einer anderen Gruppe beginnt dieser Download von vorn: Er weiß nicht mehr, welche Dateien er schon hatte.</translation>
    </message>
    <message>
        <source>Choose the folder that the files go into.</source>
        <translation>Wählen Sie den Ordner, in den die Dateien kommen.</translation>
    </message>
    <message>
        <source>“%1” sends what lies there to the same topic: files would go round in circles. Choose another folder.</source>
        <translation>„%1“ sendet, was dort liegt, an dasselbe Topic: Dateien liefen im Kreis. Wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
        <source>“%1” downloads into this folder already. Add the topic there, or choose another folder.</source>
        <translation>„%1“ lädt schon in diesen Ordner herunter. Fügen Sie das Topic dort hinzu, oder wählen Sie einen anderen Ordner.</translation>
    </message>
</context>
<context>
    <name>DropWindow</name>
    <message>
        <source>Drop files</source>
        <translation>Dateien ablegen</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Choose a connection and a topic, then send.</source>
        <translation>Wählen Sie eine Verbindung und ein Topic, dann senden Sie.</translation>
    </message>
    <message>
        <source>Where to?</source>
        <translation>Wohin?</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>Wird angesehen…</translation>
    </message>
    <message>
        <source>Files and folders are looked through.</source>
        <translation>Dateien und Ordner werden durchgesehen.</translation>
    </message>
    <message>
        <source>This task is gone</source>
        <translation>Diese Aufgabe gibt es nicht mehr</translation>
    </message>
    <message>
        <source>Nothing was sent. Choose a connection and a topic, and drop the files again.</source>
        <translation>Es wurde nichts gesendet. Wählen Sie eine Verbindung und ein Topic, und legen Sie die Dateien noch einmal ab.</translation>
    </message>
    <message>
        <source>Temporary and hidden files are left out.</source>
        <translation>Temporäre und versteckte Dateien werden ausgelassen.</translation>
    </message>
    <message>
        <source>There is nothing to send</source>
        <translation>Es gibt nichts zu senden</translation>
    </message>
    <message numerus="yes">
        <source>Send %n file(s), %1, to the topic %2?</source>
        <translation>
            <numerusform>%n Datei, %1, an das Topic %2 senden?</numerusform>
            <numerusform>%n Dateien, %1, an das Topic %2 senden?</numerusform>
        </translation>
    </message>
    <message>
        <source>Over the connection %1.</source>
        <translation>Über die Verbindung %1.</translation>
    </message>
    <message numerus="yes">
        <source>%n temporary or hidden file(s) are left out.</source>
        <translation>
            <numerusform>%n temporäre oder versteckte Datei wird ausgelassen.</numerusform>
            <numerusform>%n temporäre oder versteckte Dateien werden ausgelassen.</numerusform>
        </translation>
    </message>
    <message>
        <source>The connection is gone</source>
        <translation>Die Verbindung gibt es nicht mehr</translation>
    </message>
    <message>
        <source>Nothing was sent. Choose another one.</source>
        <translation>Es wurde nichts gesendet. Wählen Sie eine andere.</translation>
    </message>
    <message>
        <source>Nothing is being sent now</source>
        <translation>Gerade wird nichts gesendet</translation>
    </message>
    <message>
        <source>The files are noted, and are sent as soon as this program can.</source>
        <translation>Die Dateien sind vorgemerkt und werden gesendet, sobald dieses Programm kann.</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) are not sent</source>
        <translation>
            <numerusform>%n Datei wird nicht gesendet</numerusform>
            <numerusform>%n Dateien werden nicht gesendet</numerusform>
        </translation>
    </message>
    <message>
        <source>The list says why.</source>
        <translation>Die Liste sagt, warum.</translation>
    </message>
    <message>
        <source>It is not there any more</source>
        <translation>Sie ist nicht mehr da</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Files to send</source>
        <translation>Zu sendende Dateien</translation>
    </message>
    <message>
        <source>Folder to send</source>
        <translation>Zu sendender Ordner</translation>
    </message>
    <message>
        <source>This is not a file of this computer</source>
        <translation>Das ist keine Datei dieses Computers</translation>
    </message>
    <message>
        <source>Save it first, then drop the file.</source>
        <translation>Speichern Sie sie zuerst, dann legen Sie die Datei ab.</translation>
    </message>
</context>
<context>
    <name>DropZone</name>
    <message>
        <source>Drop files or folders here</source>
        <translation>Dateien oder Ordner hier ablegen</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Wählen…</translation>
    </message>
    <message>
        <source>Files…</source>
        <translation>Dateien…</translation>
    </message>
    <message>
        <source>A folder…</source>
        <translation>Einen Ordner…</translation>
    </message>
</context>
<context>
    <name>EmptyPage</name>
    <message>
        <source>What should this computer do?</source>
        <translation>Was soll dieser Computer tun?</translation>
    </message>
    <message>
        <source>You can add more later. Nothing is sent before you press Start.</source>
        <translation>Später lässt sich mehr hinzufügen. Es wird nichts gesendet, bevor Sie es starten.</translation>
    </message>
    <message>
        <source>New to this?</source>
        <translation>Neu hier?</translation>
    </message>
    <message>
        <source>First steps…</source>
        <translation>Erste Schritte…</translation>
    </message>
    <message>
        <source>Try it without a broker</source>
        <translation>Ohne Broker ausprobieren</translation>
    </message>
</context>
<context>
    <name>ExplainDialog</name>
    <message>
        <source>Why isn’t my file there?</source>
        <translation>Warum ist meine Datei nicht da?</translation>
    </message>
    <message>
        <source>Which of the tasks that know this file</source>
        <translation>Welche der Aufgaben, die diese Datei kennen</translation>
    </message>
    <message>
        <source>What happened to the file</source>
        <translation>Was mit der Datei geschah</translation>
    </message>
    <message>
        <source>Another file…</source>
        <translation>Andere Datei…</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>Bericht kopieren</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Which file?</source>
        <translation>Welche Datei?</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source>Technical details</source>
        <translation>Technische Einzelheiten</translation>
    </message>
    <message>
        <source>Choose a file, or drop it here: also one that has not been sent.</source>
        <translation>Wählen Sie eine Datei, oder legen Sie sie hier ab: auch eine, die nicht gesendet wurde.</translation>
    </message>
</context>
<context>
    <name>FileMenu</name>
    <message>
        <source>Explain…</source>
        <translation>Erklären…</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>Pfad kopieren</translation>
    </message>
    <message>
        <source>Copy address in the bucket</source>
        <translation>Adresse im Bucket kopieren</translation>
    </message>
    <message>
        <source>Copy SHA-512</source>
        <translation>SHA-512 kopieren</translation>
    </message>
    <message>
        <source>Try again now</source>
        <translation>Jetzt erneut versuchen</translation>
    </message>
    <message>
        <source>Send it as it is</source>
        <translation>So senden, wie sie ist</translation>
    </message>
    <message>
        <source>Do not send it</source>
        <translation>Nicht senden</translation>
    </message>
    <message>
        <source>Send it anyway, now</source>
        <translation>Trotzdem jetzt senden</translation>
    </message>
    <message>
        <source>Ignore this problem</source>
        <translation>Dieses Problem ignorieren</translation>
    </message>
    <message>
        <source>Send again…</source>
        <translation>Noch einmal senden…</translation>
    </message>
</context>
<context>
    <name>FileSearch</name>
    <message>
        <source>Files that fit</source>
        <translation>Passende Dateien</translation>
    </message>
    <message>
        <source>The first %1 of those that fit; type more</source>
        <translation>Die ersten %1 passenden; geben Sie mehr ein</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n Datei</numerusform>
            <numerusform>%n Dateien</numerusform>
        </translation>
    </message>
    <message>
        <source>No file of any task has this in its path.</source>
        <translation>Keine Datei einer Aufgabe hat das in ihrem Pfad.</translation>
    </message>
</context>
<context>
    <name>FilesFilter</name>
    <message>
        <source>%1 %2</source>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message numerus="yes">
        <source>All files: %n</source>
        <translation>
            <numerusform>Alle Dateien: %n</numerusform>
            <numerusform>Alle Dateien: %n</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Only %1: %n file(s)</source>
        <translation>
            <numerusform>Nur %1: %n Datei</numerusform>
            <numerusform>Nur %1: %n Dateien</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FilesModel</name>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Geändert</translation>
    </message>
</context>
<context>
    <name>FilesPage</name>
    <message>
        <source>Part of a path, or a hash</source>
        <translation>Pfadteil oder Prüfsumme</translation>
    </message>
    <message>
        <source>Find a file of this task by a part of its path, or by a hash</source>
        <translation>Eine Datei dieser Aufgabe nach einem Teil ihres Pfads oder nach einer Prüfsumme finden</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s), newest first</source>
        <translation>
            <numerusform>%n Datei</numerusform>
            <numerusform>%n Dateien, neueste zuerst</numerusform>
        </translation>
    </message>
    <message>
        <source>Looking through %1 files…</source>
        <translation>%1 Dateien werden durchgesehen…</translation>
    </message>
    <message>
        <source>The first %1 of those that fit</source>
        <translation>Die ersten %1 passenden</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n file(s)</source>
        <translation>
            <numerusform>%1 von %n Datei</numerusform>
            <numerusform>%1 von %n Dateien</numerusform>
        </translation>
    </message>
    <message>
        <source>No file of this task has “%1” in its path.</source>
        <translation>Keine Datei dieser Aufgabe hat „%1“ in ihrem Pfad.</translation>
    </message>
    <message>
        <source>No file is in this state.</source>
        <translation>Keine Datei ist in diesem Zustand.</translation>
    </message>
    <message>
        <source>No files yet. They appear here as soon as the first part of one arrives.</source>
        <translation>Noch keine Dateien. Sie erscheinen hier, sobald der erste Teil einer Datei ankommt.</translation>
    </message>
    <message>
        <source>No files yet. They appear here as soon as they are found in the folder.</source>
        <translation>Noch keine Dateien. Sie erscheinen hier, sobald sie im Ordner gefunden werden.</translation>
    </message>
    <message numerus="yes">
        <source>%n newer file(s) above</source>
        <translation>
            <numerusform>%n neuere Datei weiter oben</numerusform>
            <numerusform>%n neuere Dateien weiter oben</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FilesTable</name>
    <message>
        <source>Files of this task</source>
        <translation>Dateien dieser Aufgabe</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>Pfad kopieren</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
</context>
<context>
    <name>Finished</name>
    <message>
        <source>Unchanged for</source>
        <translation>Unverändert seit</translation>
    </message>
    <message>
        <source>Whole sub-folder, unchanged for</source>
        <translation>Ganzer Unterordner, unverändert seit</translation>
    </message>
    <message>
        <source>It grows for ever (log): send what is there every</source>
        <translation>Wächst immer weiter (Protokoll): senden alle</translation>
    </message>
    <message>
        <source>Only when a marker file is there, too</source>
        <translation>Nur wenn auch eine Markierungsdatei da ist</translation>
    </message>
    <message>
        <source>Only when its partner is there, too</source>
        <translation>Nur wenn auch ihr Partner da ist</translation>
    </message>
    <message>
        <source>Marker</source>
        <translation>Markierung</translation>
    </message>
    <message>
        <source>{name} stands for the file’s name, {stem} for it without its ending. It is not sent.</source>
        <translation>{name} steht für den Namen der Datei, {stem} für den Namen ohne Endung. Sie selbst wird nicht gesendet.</translation>
    </message>
    <message>
        <source>Partner</source>
        <translation>Partner</translation>
    </message>
    <message>
        <source>never</source>
        <translation>nie</translation>
    </message>
    <message>
        <source>Send anyway after</source>
        <translation>Trotzdem senden nach</translation>
    </message>
    <message>
        <source>More ways: marker file, partner, longest wait</source>
        <translation>Weitere Wege: Markierungsdatei, Partner, längste Wartezeit</translation>
    </message>
    <message>
        <source>When is a file finished?</source>
        <translation>Wann ist eine Datei fertig?</translation>
    </message>
    <message numerus="yes">
        <source>On a network share it waits at least %n second(s).</source>
        <translation>
            <numerusform>Auf einer Netzwerkfreigabe wird mindestens %n Sekunde gewartet.</numerusform>
            <numerusform>Auf einer Netzwerkfreigabe wird mindestens %n Sekunden gewartet.</numerusform>
        </translation>
    </message>
    <message>
        <source>Say what the marker file is called, for example {name}.done.</source>
        <translation>Geben Sie an, wie die Markierungsdatei heißt, zum Beispiel {name}.done.</translation>
    </message>
    <message>
        <source>Say what the partner is called, for example {stem}.xml.</source>
        <translation>Geben Sie an, wie der Partner heißt, zum Beispiel {stem}.xml.</translation>
    </message>
</context>
<context>
    <name>FirstRun</name>
    <message>
        <source>Set up OpenMSI Desktop</source>
        <translation>OpenMSI Desktop einrichten</translation>
    </message>
    <message>
        <source>Welcome</source>
        <translation>Willkommen</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>Verbindung</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>Was zu tun ist</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Keep running</source>
        <translation>Weiterlaufen</translation>
    </message>
    <message>
        <source>Proof</source>
        <translation>Nachweis</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Finish, start later</source>
        <translation>Fertig, später starten</translation>
    </message>
    <message>
        <source>Finish</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Next is possible once the sign-in has passed its test.</source>
        <translation>Weiter geht es, sobald die Anmeldung ihren Test bestanden hat.</translation>
    </message>
    <message>
        <source>Nothing will run yet: there is no connection.</source>
        <translation>Noch wird nichts laufen: Es gibt keine Verbindung.</translation>
    </message>
    <message>
        <source>It does not start at login</source>
        <translation>Es startet nicht bei der Anmeldung</translation>
    </message>
</context>
<context>
    <name>Fold</name>
    <message>
        <source>open</source>
        <translation>offen</translation>
    </message>
    <message>
        <source>folded away</source>
        <translation>zugeklappt</translation>
    </message>
</context>
<context>
    <name>FolderPage</name>
    <message>
        <source>Choose the folder</source>
        <translation>Ordner wählen</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Topic</source>
        <translation>Topic</translation>
    </message>
    <message>
        <source>Which folder?</source>
        <translation>Welcher Ordner?</translation>
    </message>
    <message>
        <source>From where, and where to?</source>
        <translation>Woher, und wohin?</translation>
    </message>
    <message>
        <source>From which topic?</source>
        <translation>Aus welchem Topic?</translation>
    </message>
    <message>
        <source>Which topic?</source>
        <translation>Welches Topic?</translation>
    </message>
    <message>
        <source>A file is sent when it has not changed for 30 s. Rules can be refined later.</source>
        <translation>Eine Datei wird gesendet, wenn sie sich 30 s lang nicht geändert hat. Die Regeln lassen sich später verfeinern.</translation>
    </message>
    <message>
        <source>All files of the topic are rebuilt in the folder, and new ones as they come.</source>
        <translation>Alle Dateien des Topics werden im Ordner wiederhergestellt, und neue, sobald sie kommen.</translation>
    </message>
    <message>
        <source>The bucket and its keys are asked for at the end, when the topic was tested.</source>
        <translation>Nach dem Bucket und seinen Schlüsseln wird am Ende gefragt, wenn das Topic getestet ist.</translation>
    </message>
    <message>
        <source>Files that you drop go there. You can choose another one each time.</source>
        <translation>Dateien, die Sie ablegen, gehen dorthin. Sie können jedes Mal ein anderes wählen.</translation>
    </message>
    <message>
        <source>Choose a folder.</source>
        <translation>Wählen Sie einen Ordner.</translation>
    </message>
    <message>
        <source>There is no such folder. Choose one that exists.</source>
        <translation>Diesen Ordner gibt es nicht. Wählen Sie einen vorhandenen.</translation>
    </message>
    <message>
        <source>This is a file. Choose a folder.</source>
        <translation>Das ist eine Datei. Wählen Sie einen Ordner.</translation>
    </message>
    <message>
        <source>Type the name of the topic.</source>
        <translation>Geben Sie den Namen des Topics ein.</translation>
    </message>
    <message>
        <source>A topic has letters, digits, “.”, “_” and “-” only.</source>
        <translation>Ein Topic besteht nur aus Buchstaben ohne Umlaute, Ziffern, „.“, „_“ und „-“.</translation>
    </message>
    <message>
        <source>looking…</source>
        <translation>wird angesehen…</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s), %1</source>
        <translation>
            <numerusform>%n Datei, %1</numerusform>
            <numerusform>%n Dateien, %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>und %n weitere</numerusform>
            <numerusform>und %n weitere</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n temporary or hidden file(s) are left out</source>
        <translation>
            <numerusform>%n temporäre oder versteckte Datei wird ausgelassen</numerusform>
            <numerusform>%n temporäre oder versteckte Dateien werden ausgelassen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>GeneralPage</name>
    <message>
        <source>General</source>
        <translation>Allgemein</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>Start when I log in</source>
        <translation>Bei meiner Anmeldung starten</translation>
    </message>
    <message>
        <source>Show only the icon then</source>
        <translation>Dann nur das Symbol anzeigen</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>As the windows</source>
        <translation>Wie die Fenster</translation>
    </message>
    <message>
        <source>For a light task bar</source>
        <translation>Für eine helle Taskleiste</translation>
    </message>
    <message>
        <source>For a dark task bar</source>
        <translation>Für eine dunkle Taskleiste</translation>
    </message>
    <message>
        <source>One colour</source>
        <translation>Einfarbig</translation>
    </message>
    <message>
        <source>Icon</source>
        <translation>Symbol</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>What brokers and the engine report stays in English.</source>
        <translation>Was Broker und das Programm im Hintergrund melden, bleibt englisch.</translation>
    </message>
    <message>
        <source>Large targets, for gloves and touch screens</source>
        <translation>Große Flächen, für Handschuhe und Touchscreens</translation>
    </message>
    <message>
        <source>Calm icon: it never moves</source>
        <translation>Ruhiges Symbol: Es bewegt sich nie</translation>
    </message>
    <message>
        <source>When I close the window</source>
        <translation>Wenn ich das Fenster schließe</translation>
    </message>
    <message>
        <source>Ask me the next time</source>
        <translation>Beim nächsten Mal fragen</translation>
    </message>
    <message>
        <source>Hide the window and go on sending</source>
        <translation>Fenster verbergen und weiter senden</translation>
    </message>
    <message>
        <source>Stop sending and quit</source>
        <translation>Nicht mehr senden und beenden</translation>
    </message>
    <message>
        <source>Closing the window</source>
        <translation>Schließen des Fensters</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>and %1</source>
        <translation>und %1</translation>
    </message>
    <message>
        <source>on %1</source>
        <translation>auf %1</translation>
    </message>
    <message>
        <source>tested %1</source>
        <translation>getestet %1</translation>
    </message>
    <message>
        <source>Technical details…</source>
        <translation>Technische Einzelheiten…</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pausieren</translation>
    </message>
</context>
<context>
    <name>HealthBlock</name>
    <message>
        <source>Health</source>
        <translation>Status</translation>
    </message>
</context>
<context>
    <name>HealthRow</name>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
</context>
<context>
    <name>HelpPage</name>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>This program</source>
        <translation>Dieses Programm</translation>
    </message>
    <message>
        <source>OpenMSI Desktop %1, with Python %2 and Qt %3. Free software: GPL, version 3 or later.</source>
        <translation>OpenMSI Desktop %1, mit Python %2 und Qt %3. Freie Software: GPL, Version 3 oder neuer.</translation>
    </message>
    <message>
        <source>Open the first steps again</source>
        <translation>Erste Schritte noch einmal öffnen</translation>
    </message>
    <message>
        <source>For whoever helps you</source>
        <translation>Für die, die Ihnen helfen</translation>
    </message>
    <message>
        <source>A file with settings, versions, states of tasks and logs. Passwords and keys are taken out; names of files and servers are in it. It is written to your computer and sent to nobody.</source>
        <translation>Eine Datei mit Einstellungen, Versionen, Zuständen der Aufgaben und Protokollen. Passwörter und Schlüssel sind herausgenommen; Namen von Dateien und Servern stehen darin. Sie wird auf Ihren Computer geschrieben und an niemanden gesendet.</translation>
    </message>
    <message>
        <source>Write a support file…</source>
        <translation>Support-Datei schreiben…</translation>
    </message>
    <message>
        <source>Show it</source>
        <translation>Anzeigen</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message numerus="yes">
        <source>Write a detailed log for %n minute(s)</source>
        <translation>
            <numerusform>%n Minute lang ausführlich protokollieren</numerusform>
            <numerusform>%n Minuten lang ausführlich protokollieren</numerusform>
        </translation>
    </message>
    <message>
        <source>Do this before you repeat what went wrong, and write the support file afterwards.</source>
        <translation>Tun Sie das, bevor Sie wiederholen, was schiefging, und schreiben Sie danach die Support-Datei.</translation>
    </message>
    <message>
        <source>Write a support file</source>
        <translation>Support-Datei schreiben</translation>
    </message>
    <message>
        <source>Zip files (*.zip)</source>
        <translation>Zip-Dateien (*.zip)</translation>
    </message>
    <message>
        <source>Writing…</source>
        <translation>Wird geschrieben…</translation>
    </message>
    <message>
        <source>Written: %1 (%2).</source>
        <translation>Geschrieben: %1 (%2).</translation>
    </message>
    <message>
        <source>These secrets could not be looked up, because the keyring is locked: %1. Check the file for them before you pass it on, or unlock the keyring and write it again.</source>
        <translation>Diese Geheimnisse konnten nicht nachgesehen werden, weil der Schlüsselbund gesperrt ist: %1. Prüfen Sie, ob sie in der Datei stehen, bevor Sie sie weitergeben, oder entsperren Sie den Schlüsselbund und schreiben Sie die Datei neu.</translation>
    </message>
    <message>
        <source>The log is detailed until %1</source>
        <translation>Das Protokoll ist ausführlich bis %1</translation>
    </message>
</context>
<context>
    <name>KeepRunningPage</name>
    <message>
        <source>Keep running</source>
        <translation>Weiterlaufen</translation>
    </message>
    <message>
        <source>Files are sent while this program runs. Closed, its window leaves an icon that goes on.</source>
        <translation>Dateien werden gesendet, solange dieses Programm läuft. Ist sein Fenster geschlossen, bleibt ein Symbol, und es läuft weiter.</translation>
    </message>
    <message>
        <source>Start when I log in</source>
        <translation>Bei meiner Anmeldung starten</translation>
    </message>
    <message>
        <source>It then shows only its icon. You can change this at any time in Settings.</source>
        <translation>Dann zeigt es nur sein Symbol. In den Einstellungen lässt sich das jederzeit ändern.</translation>
    </message>
</context>
<context>
    <name>LimitEdit</name>
    <message>
        <source>no limit</source>
        <translation>keine Grenze</translation>
    </message>
    <message>
        <source>Another speed at some times…</source>
        <translation>Anderes Tempo zu bestimmten Zeiten…</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Your tasks will be listed here.</source>
        <translation>Hier stehen bald Ihre Aufgaben.</translation>
    </message>
</context>
<context>
    <name>ManyTopics</name>
    <message>
        <source>Add another topic</source>
        <translation>Weiteres Topic hinzufügen</translation>
    </message>
    <message>
        <source>Take out %1</source>
        <translation>%1 herausnehmen</translation>
    </message>
</context>
<context>
    <name>More</name>
    <message>
        <source>Speed</source>
        <translation>Tempo</translation>
    </message>
    <message>
        <source>Check every file after sending: read it back and compare</source>
        <translation>Jede Datei nach dem Senden prüfen: zurücklesen und vergleichen</translation>
    </message>
    <message>
        <source>Ask for receipts: see which files arrived where they are downloaded</source>
        <translation>Quittungen erbitten: sehen, welche Dateien dort ankamen, wo sie heruntergeladen werden</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keiner</translation>
    </message>
    <message>
        <source>This computer’s name</source>
        <translation>Name dieses Computers</translation>
    </message>
    <message>
        <source>Folder on the topic</source>
        <translation>Ordner im Topic</translation>
    </message>
    <message>
        <source>Put before the path of every file. Useful when several computers send to one topic.</source>
        <translation>Steht vor dem Pfad jeder Datei. Nützlich, wenn mehrere Computer an ein Topic senden.</translation>
    </message>
    <message>
        <source>Part size</source>
        <translation>Größe der Teile</translation>
    </message>
    <message>
        <source>Files travel in parts of this size. The topic must allow messages a little bigger.</source>
        <translation>Dateien reisen in Teilen dieser Größe. Das Topic muss etwas größere Nachrichten erlauben.</translation>
    </message>
    <message>
        <source>Technical details</source>
        <translation>Technische Einzelheiten</translation>
    </message>
    <message>
        <source>Write a plain name such as xrd-pc or lab2/xrd: no drive, no backslash, no “..”.</source>
        <translation>Schreiben Sie einen einfachen Namen wie xrd-pc oder labor2/xrd: kein Laufwerk, kein Backslash, kein „..“.</translation>
    </message>
</context>
<context>
    <name>MovingRow</name>
    <message>
        <source>%1: %2, %3</source>
        <translation>%1: %2, %3</translation>
    </message>
</context>
<context>
    <name>NetworkPage</name>
    <message>
        <source>Network</source>
        <translation>Netzwerk</translation>
    </message>
    <message>
        <source>All tasks together</source>
        <translation>Alle Aufgaben zusammen</translation>
    </message>
    <message>
        <source>Send no faster than</source>
        <translation>Nicht schneller senden als</translation>
    </message>
    <message>
        <source>Send no faster than this, whatever the tasks may do by themselves.</source>
        <translation>Nicht schneller senden als so, egal was die einzelnen Aufgaben dürfen.</translation>
    </message>
    <message>
        <source>Proxies</source>
        <translation>Proxys</translation>
    </message>
    <message>
        <source>Kafka does not go through HTTP proxies. The computer must be able to reach the broker&apos;s port directly, or through a VPN.</source>
        <translation>Kafka geht nicht durch HTTP-Proxys. Der Computer muss den Port des Brokers direkt oder durch ein VPN erreichen können.</translation>
    </message>
</context>
<context>
    <name>NotificationsPage</name>
    <message>
        <source>Notifications</source>
        <translation>Meldungen</translation>
    </message>
    <message>
        <source>Show a message</source>
        <translation>Meldung anzeigen</translation>
    </message>
    <message>
        <source>When something needs me</source>
        <translation>Wenn etwas auf mich wartet</translation>
    </message>
    <message>
        <source>At most one for each task in 10 minutes, however much goes wrong.</source>
        <translation>Höchstens eine je Aufgabe in 10 Minuten, egal wie viel schiefgeht.</translation>
    </message>
    <message>
        <source>When everything that was found has been sent</source>
        <translation>Wenn alles Gefundene gesendet ist</translation>
    </message>
    <message>
        <source>Messages are a hint only: the system may swallow them. The icon and the window always show how it is. The menu of the icon can snooze them for a while.</source>
        <translation>Meldungen sind nur ein Hinweis: Das System kann sie verschlucken. Symbol und Fenster zeigen immer, wie es steht. Im Menü des Symbols lassen sie sich eine Zeit lang stummschalten.</translation>
    </message>
</context>
<context>
    <name>NowBlock</name>
    <message>
        <source>last 10 min</source>
        <translation>letzte 10 min</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>Jetzt</translation>
    </message>
    <message>
        <source>Show queue</source>
        <translation>Warteschlange anzeigen</translation>
    </message>
    <message>
        <source>Speed now: %1</source>
        <translation>Tempo jetzt: %1</translation>
    </message>
    <message numerus="yes">
        <source>%n more in the queue</source>
        <translation>
            <numerusform>%n weitere in der Warteschlange</numerusform>
            <numerusform>%n weitere in der Warteschlange</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) in the queue</source>
        <translation>
            <numerusform>%n Datei in der Warteschlange</numerusform>
            <numerusform>%n Dateien in der Warteschlange</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing to receive just now.</source>
        <translation>Gerade ist nichts zu empfangen.</translation>
    </message>
    <message>
        <source>Nothing to send just now.</source>
        <translation>Gerade ist nichts zu senden.</translation>
    </message>
</context>
<context>
    <name>Options</name>
    <message>
        <source>Stay on top</source>
        <translation>Im Vordergrund bleiben</translation>
    </message>
    <message>
        <source>Read back and compare</source>
        <translation>Zurücklesen und vergleichen</translation>
    </message>
    <message>
        <source>Ask before more than</source>
        <translation>Fragen bei mehr als</translation>
    </message>
    <message>
        <source>Bytes that are very much</source>
        <translation>Byte, die sehr viel sind</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>Einheit</translation>
    </message>
    <message>
        <source>Files that are very many</source>
        <translation>Dateien, die sehr viele sind</translation>
    </message>
    <message>
        <source>or</source>
        <translation>oder</translation>
    </message>
    <message>
        <source>files</source>
        <translation>Dateien</translation>
    </message>
</context>
<context>
    <name>OverviewPage</name>
    <message>
        <source>Today</source>
        <translation>Heute</translation>
    </message>
</context>
<context>
    <name>PathEdit</name>
    <message>
        <source>Browse…</source>
        <translation>Durchsuchen…</translation>
    </message>
</context>
<context>
    <name>PatternsEdit</name>
    <message>
        <source>Add a pattern</source>
        <translation>Muster hinzufügen</translation>
    </message>
</context>
<context>
    <name>PauseMenu</name>
    <message>
        <source>Pause</source>
        <translation>Pausieren</translation>
    </message>
    <message>
        <source>For 1 hour</source>
        <translation>Für 1 Stunde</translation>
    </message>
    <message>
        <source>Until tomorrow, 7:00</source>
        <translation>Bis morgen, 7:00</translation>
    </message>
    <message>
        <source>Until I resume</source>
        <translation>Bis ich fortsetze</translation>
    </message>
</context>
<context>
    <name>PreviewModel</name>
    <message>
        <source>will go</source>
        <translation>wird gesendet</translation>
    </message>
    <message>
        <source>will not go</source>
        <translation>wird nicht gesendet</translation>
    </message>
    <message>
        <source>please check</source>
        <translation>bitte prüfen</translation>
    </message>
</context>
<context>
    <name>PreviewView</name>
    <message>
        <source>Choose a folder to see what will be sent.</source>
        <translation>Wählen Sie einen Ordner, um zu sehen, was gesendet wird.</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Vorschau</translation>
    </message>
    <message>
        <source>Preview of the files</source>
        <translation>Vorschau der Dateien</translation>
    </message>
    <message>
        <source>The folder cannot be read.</source>
        <translation>Der Ordner kann nicht gelesen werden.</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Will go %1</source>
        <translation>Senden %1</translation>
    </message>
    <message>
        <source>Will not %1</source>
        <translation>Nicht %1</translation>
    </message>
    <message>
        <source>Check %1</source>
        <translation>Prüfen %1</translation>
    </message>
    <message>
        <source>%1 files looked at so far…</source>
        <translation>%1 Dateien bisher angesehen…</translation>
    </message>
    <message>
        <source>The first %1 files. There are more, to which the same rules apply.</source>
        <translation>Die ersten %1 Dateien. Es gibt mehr; für sie gelten dieselben Regeln.</translation>
    </message>
    <message>
        <source>All %1 files looked at. Click a file to change its rule.</source>
        <translation>Alle %1 Dateien angesehen. Klicken Sie auf eine Datei, um ihre Regel zu ändern.</translation>
    </message>
    <message>
        <source>There are no files yet. What appears will be sent by these rules.</source>
        <translation>Noch gibt es keine Dateien. Was erscheint, wird nach diesen Regeln gesendet.</translation>
    </message>
    <message>
        <source>No pattern can change this. See the settings beside the list.</source>
        <translation>Kein Muster kann das ändern. Sehen Sie die Einstellungen neben der Liste an.</translation>
    </message>
    <message>
        <source>Always send this file</source>
        <translation>Diese Datei immer senden</translation>
    </message>
    <message>
        <source>Always send files like this (%1)</source>
        <translation>Solche Dateien immer senden (%1)</translation>
    </message>
    <message>
        <source>Never send this file</source>
        <translation>Diese Datei nie senden</translation>
    </message>
    <message>
        <source>Never send files like this (%1)</source>
        <translation>Solche Dateien nie senden (%1)</translation>
    </message>
    <message>
        <source>Never send anything in this folder (%1)</source>
        <translation>Aus diesem Ordner nie etwas senden (%1)</translation>
    </message>
</context>
<context>
    <name>ProblemsPage</name>
    <message>
        <source>Retry all</source>
        <translation>Alle erneut versuchen</translation>
    </message>
    <message>
        <source>Problems by their causes</source>
        <translation>Probleme nach ihren Ursachen</translation>
    </message>
    <message numerus="yes">
        <source>and %n more cause(s)</source>
        <translation>
            <numerusform>und %n weitere Ursache</numerusform>
            <numerusform>und %n weitere Ursachen</numerusform>
        </translation>
    </message>
    <message>
        <source>No problems.</source>
        <translation>Keine Probleme.</translation>
    </message>
</context>
<context>
    <name>ProcessDialog</name>
    <message>
        <source>Run a program</source>
        <translation>Ein Programm ausführen</translation>
    </message>
    <message>
        <source>Change what is run</source>
        <translation>Ändern, was ausgeführt wird</translation>
    </message>
    <message>
        <source>Start processing</source>
        <translation>Verarbeiten beginnen</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>New program or class</source>
        <translation>Neues Programm oder neue Klasse</translation>
    </message>
    <message>
        <source>Topic for results</source>
        <translation>Topic für Ergebnisse</translation>
    </message>
    <message>
        <source>none: results are not sent</source>
        <translation>keines: Ergebnisse werden nicht gesendet</translation>
    </message>
    <message>
        <source>Results go to</source>
        <translation>Ergebnisse gehen an</translation>
    </message>
    <message>
        <source>A topic for what it prints as JSON, returns, or leaves in its output folder.</source>
        <translation>Ein Topic für das, was es als JSON ausgibt, zurückgibt oder in seinem Ausgabeordner zurücklässt.</translation>
    </message>
    <message>
        <source>Technical details: folder, time, tries, several computers</source>
        <translation>Technische Einzelheiten: Ordner, Zeit, Versuche, mehrere Computer</translation>
    </message>
    <message>
        <source>More: only some files, receipts</source>
        <translation>Mehr: nur manche Dateien, Quittungen</translation>
    </message>
    <message>
        <source>What sees every file</source>
        <translation>Wer jede Datei bekommt</translation>
    </message>
    <message>
        <source>The results would be processed again and go round in circles. Choose another topic.</source>
        <translation>Die Ergebnisse würden wieder verarbeitet und liefen im Kreis. Wählen Sie ein anderes Topic.</translation>
    </message>
    <message>
        <source>With another group or first topic this task begins anew: it no longer knows which files were processed.</source>
        <translation>Mit einer anderen Gruppe oder einem anderen ersten Topic beginnt diese Aufgabe von vorn: Sie weiß nicht mehr, welche Dateien verarbeitet wurden.</translation>
    </message>
</context>
<context>
    <name>ProcessorDialog</name>
    <message>
        <source>Program “%1”</source>
        <translation>Programm „%1“</translation>
    </message>
    <message>
        <source>Results go to</source>
        <translation>Ergebnisse gehen an</translation>
    </message>
    <message>
        <source>A topic for what it prints as JSON, returns, or leaves in its output folder.</source>
        <translation>Ein Topic für das, was es als JSON ausgibt, zurückgibt oder in seinem Ausgabeordner zurücklässt.</translation>
    </message>
    <message>
        <source>Technical details: folder, time, tries</source>
        <translation>Technische Einzelheiten: Ordner, Zeit, Versuche</translation>
    </message>
    <message>
        <source>The results would be processed again and go round in circles. Choose another topic.</source>
        <translation>Die Ergebnisse würden wieder verarbeitet und liefen im Kreis. Wählen Sie ein anderes Topic.</translation>
    </message>
</context>
<context>
    <name>ProcessorForm</name>
    <message>
        <source>A program</source>
        <translation>Ein Programm</translation>
    </message>
    <message>
        <source>A Python class</source>
        <translation>Eine Python-Klasse</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Ausführen</translation>
    </message>
    <message>
        <source>Choose the program</source>
        <translation>Das Programm wählen</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>Programm</translation>
    </message>
    <message>
        <source>A file, or the name of a command that this computer knows.</source>
        <translation>Eine Datei, oder der Name eines Befehls, den dieser Computer kennt.</translation>
    </message>
    <message>
        <source>Arguments</source>
        <translation>Argumente</translation>
    </message>
    <message>
        <source>One in each line. Nothing is read by a shell: a * or a $ is only what it is.</source>
        <translation>Eines in jeder Zeile. Nichts wird von einer Shell gelesen: Ein * oder ein $ ist nur es selbst.</translation>
    </message>
    <message>
        <source>Choose the Python file</source>
        <translation>Die Python-Datei wählen</translation>
    </message>
    <message>
        <source>Python files (*.py)</source>
        <translation>Python-Dateien (*.py)</translation>
    </message>
    <message>
        <source>Python file</source>
        <translation>Python-Datei</translation>
    </message>
    <message>
        <source>Or the name of a module that is installed, such as mylab.analysis.</source>
        <translation>Oder der Name eines installierten Moduls wie mylab.analysis.</translation>
    </message>
    <message>
        <source>Class in it</source>
        <translation>Klasse darin</translation>
    </message>
    <message>
        <source>Choose the Python that runs it</source>
        <translation>Das Python wählen, das sie ausführt</translation>
    </message>
    <message>
        <source>the one of this program</source>
        <translation>das dieses Programms</translation>
    </message>
    <message>
        <source>Python</source>
        <translation>Python</translation>
    </message>
    <message>
        <source>Options</source>
        <translation>Optionen</translation>
    </message>
    <message>
        <source>Given to the class when it is made. One in each line: name = value.</source>
        <translation>Werden der Klasse beim Erzeugen übergeben. Eine in jeder Zeile: Name = Wert.</translation>
    </message>
    <message>
        <source>Choose the folder that it works in</source>
        <translation>Den Ordner wählen, in dem es arbeitet</translation>
    </message>
    <message>
        <source>an empty one for each file</source>
        <translation>ein leerer für jede Datei</translation>
    </message>
    <message>
        <source>Working folder</source>
        <translation>Arbeitsordner</translation>
    </message>
    <message>
        <source>Time for a file</source>
        <translation>Zeit für eine Datei</translation>
    </message>
    <message>
        <source>no limit</source>
        <translation>keine Grenze</translation>
    </message>
    <message>
        <source>Memory at most</source>
        <translation>Speicher höchstens</translation>
    </message>
    <message>
        <source>Tries</source>
        <translation>Versuche</translation>
    </message>
    <message>
        <source>After so many failures a file is listed under Problems.</source>
        <translation>Nach so vielen Fehlschlägen steht eine Datei unter Probleme.</translation>
    </message>
    <message>
        <source>as cores</source>
        <translation>wie Kerne</translation>
    </message>
    <message>
        <source>Files at once</source>
        <translation>Dateien zugleich</translation>
    </message>
    <message>
        <source>Environment</source>
        <translation>Umgebung</translation>
    </message>
    <message>
        <source>Variables for it, one in each line: NAME = value. No passwords: they would be readable.</source>
        <translation>Variablen dafür, eine in jeder Zeile: NAME = Wert. Keine Passwörter: Sie wären lesbar.</translation>
    </message>
    <message>
        <source>Choose the program that is run on every file.</source>
        <translation>Wählen Sie das Programm, das für jede Datei ausgeführt wird.</translation>
    </message>
    <message>
        <source>This file cannot be run. Make it executable, or name the program that runs it.</source>
        <translation>Diese Datei kann nicht ausgeführt werden. Machen Sie sie ausführbar, oder nennen Sie das Programm, das sie ausführt.</translation>
    </message>
    <message>
        <source>There is no such program on this computer. Check its name, or choose its file.</source>
        <translation>Ein solches Programm gibt es auf diesem Computer nicht. Prüfen Sie seinen Namen, oder wählen Sie seine Datei.</translation>
    </message>
    <message>
        <source>Choose the Python file that the class is in.</source>
        <translation>Wählen Sie die Python-Datei, in der die Klasse steht.</translation>
    </message>
    <message>
        <source>There is no such file.</source>
        <translation>Diese Datei gibt es nicht.</translation>
    </message>
    <message>
        <source>Type the name of the class, such as PeakFinder.</source>
        <translation>Geben Sie den Namen der Klasse ein, zum Beispiel PeakFinder.</translation>
    </message>
    <message>
        <source>There is no such Python. Choose its file, or type the folder of an environment.</source>
        <translation>Ein solches Python gibt es nicht. Wählen Sie seine Datei, oder geben Sie den Ordner einer Umgebung ein.</translation>
    </message>
    <message>
        <source>There is no such folder.</source>
        <translation>Einen solchen Ordner gibt es nicht.</translation>
    </message>
</context>
<context>
    <name>ProofLadder</name>
    <message>
        <source>not yet</source>
        <translation>noch nicht</translation>
    </message>
    <message>
        <source>confirmed by %1</source>
        <translation>bestätigt von %1</translation>
    </message>
    <message>
        <source>read back from the topic, contents equal</source>
        <translation>aus dem Topic zurückgelesen, Inhalt gleich</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
</context>
<context>
    <name>ProofPage</name>
    <message>
        <source>Topic for the test file</source>
        <translation>Topic für die Testdatei</translation>
    </message>
    <message>
        <source>Send the test file</source>
        <translation>Testdatei senden</translation>
    </message>
    <message>
        <source>Check without writing</source>
        <translation>Prüfen, ohne zu schreiben</translation>
    </message>
    <message>
        <source>Ready when you are</source>
        <translation>Bereit, wenn Sie es sind</translation>
    </message>
    <message>
        <source>Start with new files only</source>
        <translation>Nur mit neuen Dateien starten</translation>
    </message>
    <message>
        <source>Does it work?</source>
        <translation>Funktioniert es?</translation>
    </message>
    <message>
        <source>A file of 1 kB is sent, read back and compared. It stays on the topic; it is harmless.</source>
        <translation>Eine Datei von 1 kB wird gesendet, zurückgelesen und verglichen. Sie bleibt im Topic; sie ist harmlos.</translation>
    </message>
    <message>
        <source>It is tested whether this account may read the topic. Nothing is written.</source>
        <translation>Es wird getestet, ob dieses Konto das Topic lesen darf. Es wird nichts geschrieben.</translation>
    </message>
    <message>
        <source>Check the topic</source>
        <translation>Topic prüfen</translation>
    </message>
    <message numerus="yes">
        <source>Start sending %n file(s)</source>
        <translation>
            <numerusform>%n Datei senden</numerusform>
            <numerusform>%n Dateien senden</numerusform>
        </translation>
    </message>
    <message>
        <source>Start sending</source>
        <translation>Senden starten</translation>
    </message>
    <message>
        <source>Start downloading</source>
        <translation>Herunterladen starten</translation>
    </message>
    <message>
        <source>Choose the bucket…</source>
        <translation>Den Bucket wählen …</translation>
    </message>
    <message>
        <source>Open the drop window</source>
        <translation>Ablagefenster öffnen</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) are waiting in %1 (%2).</source>
        <translation>
            <numerusform>%n Datei wartet in %1 (%2).</numerusform>
            <numerusform>%n Dateien warten in %1 (%2).</numerusform>
        </translation>
    </message>
    <message>
        <source>A test file is on its way…</source>
        <translation>Eine Testdatei ist unterwegs…</translation>
    </message>
    <message>
        <source>To the topic %1.</source>
        <translation>An das Topic %1.</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>Wird geprüft…</translation>
    </message>
    <message>
        <source>The topic %1.</source>
        <translation>Das Topic %1.</translation>
    </message>
    <message>
        <source>It works!</source>
        <translation>Es funktioniert!</translation>
    </message>
    <message>
        <source>A test file of 1 kB went to %1 and came back with the same contents.</source>
        <translation>Eine Testdatei von 1 kB ging an %1 und kam mit demselben Inhalt zurück.</translation>
    </message>
    <message>
        <source>This account may read %1.</source>
        <translation>Dieses Konto darf %1 lesen.</translation>
    </message>
    <message>
        <source>This account may write and read. That is weaker than a test file: nothing went out and came back.</source>
        <translation>Dieses Konto darf schreiben und lesen. Das sagt weniger als eine Testdatei: Nichts ging hinaus und kam zurück.</translation>
    </message>
    <message>
        <source>Nothing speaks against it</source>
        <translation>Nichts spricht dagegen</translation>
    </message>
    <message>
        <source>The test could not be run</source>
        <translation>Der Test konnte nicht ausgeführt werden</translation>
    </message>
</context>
<context>
    <name>ReaderDialog</name>
    <message>
        <source>From</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>This computer gets every file</source>
        <translation>Dieser Computer bekommt jede Datei</translation>
    </message>
    <message>
        <source>Several computers share the work: each file goes to one of them</source>
        <translation>Mehrere Computer teilen sich die Arbeit: Jede Datei geht an einen davon</translation>
    </message>
    <message>
        <source>Name of the group</source>
        <translation>Name der Gruppe</translation>
    </message>
    <message>
        <source>The same on each of these computers.</source>
        <translation>Auf jedem dieser Computer derselbe.</translation>
    </message>
    <message>
        <source>Who gets the files?</source>
        <translation>Wer bekommt die Dateien?</translation>
    </message>
    <message>
        <source>Only</source>
        <translation>Nur</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>Auslassen</translation>
    </message>
    <message>
        <source>all files</source>
        <translation>alle Dateien</translation>
    </message>
    <message>
        <source>Send a receipt for every file, so that its sender sees that it arrived</source>
        <translation>Für jede Datei eine Quittung senden, damit ihr Absender sieht, dass sie ankam</translation>
    </message>
    <message>
        <source>Choose a connection, or make a new one.</source>
        <translation>Wählen Sie eine Verbindung, oder legen Sie eine neue an.</translation>
    </message>
    <message>
        <source>Choose the topic to read, or type its name.</source>
        <translation>Wählen Sie das Topic, das gelesen wird, oder geben Sie seinen Namen ein.</translation>
    </message>
    <message>
        <source>Give the group a name, and use the same one on the other computers.</source>
        <translation>Geben Sie der Gruppe einen Namen, und verwenden Sie auf den anderen Computern denselben.</translation>
    </message>
</context>
<context>
    <name>RulesPage</name>
    <message>
        <source>Edit…</source>
        <translation>Bearbeiten…</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Erneut durchsehen</translation>
    </message>
    <message>
        <source>What this task does</source>
        <translation>Was diese Aufgabe tut</translation>
    </message>
    <message>
        <source>Files that are not sent</source>
        <translation>Dateien, die nicht gesendet werden</translation>
    </message>
    <message>
        <source>Files of the folder that are not sent</source>
        <translation>Dateien des Ordners, die nicht gesendet werden</translation>
    </message>
    <message>
        <source>Rules of this task</source>
        <translation>Regeln dieser Aufgabe</translation>
    </message>
    <message>
        <source>This task is not in the settings any more.</source>
        <translation>Diese Aufgabe steht nicht mehr in den Einstellungen.</translation>
    </message>
    <message>
        <source>Technical details</source>
        <translation>Technische Einzelheiten</translation>
    </message>
    <message>
        <source>Looking through the folder…</source>
        <translation>Der Ordner wird durchgesehen…</translation>
    </message>
    <message>
        <source>The folder cannot be read.</source>
        <translation>Der Ordner kann nicht gelesen werden.</translation>
    </message>
    <message>
        <source>%1 files looked at so far…</source>
        <translation>%1 Dateien bisher angesehen…</translation>
    </message>
    <message>
        <source>%1 of the first %2 files are not sent.</source>
        <translation>%1 der ersten %2 Dateien werden nicht gesendet.</translation>
    </message>
    <message>
        <source>%1 of %2 files are not sent.</source>
        <translation>%1 von %2 Dateien werden nicht gesendet.</translation>
    </message>
    <message>
        <source>No file is left out.</source>
        <translation>Keine Datei wird ausgelassen.</translation>
    </message>
</context>
<context>
    <name>SameReader</name>
    <message>
        <source>Use the reader of “%1”</source>
        <translation>Den Empfänger von „%1“ mitbenutzen</translation>
    </message>
    <message>
        <source>“%1” reads this topic already. With the same reader every file is received once and goes to all its places; where to begin and which files are settled there. Files that it has finished with are not handed on again by themselves.</source>
        <translation>„%1“ liest dieses Topic schon. Mit demselben Empfänger wird jede Datei einmal empfangen und geht an alle ihre Orte; womit begonnen wird und welche Dateien, ist dort festgelegt. Dateien, mit denen er fertig ist, werden nicht von selbst noch einmal weitergegeben.</translation>
    </message>
</context>
<context>
    <name>SecretEdit</name>
    <message>
        <source>Show what is typed</source>
        <translation>Eingabe anzeigen</translation>
    </message>
    <message>
        <source>stored, unchanged</source>
        <translation>gespeichert, unverändert</translation>
    </message>
</context>
<context>
    <name>SentByHand</name>
    <message>
        <source>Files sent by hand</source>
        <translation>Von Hand gesendete Dateien</translation>
    </message>
    <message>
        <source>What you drop here is sent once, and stays where it is.</source>
        <translation>Was Sie hier ablegen, wird einmal gesendet und bleibt, wo es ist.</translation>
    </message>
</context>
<context>
    <name>SettingsWindow</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Categories</source>
        <translation>Bereiche</translation>
    </message>
</context>
<context>
    <name>SinceDialog</name>
    <message>
        <source>Files since</source>
        <translation>Dateien seit</translation>
    </message>
    <message>
        <source>Every file that began to arrive since then is handed on once more, also those that were done. Files that are not kept here any more are read from the topic, as long as it has them.</source>
        <translation>Jede Datei, die seither anzukommen begann, wird noch einmal weitergegeben, auch die schon erledigten. Dateien, die hier nicht mehr aufbewahrt sind, werden aus dem Topic gelesen, solange es sie hat.</translation>
    </message>
    <message>
        <source>Choose a moment in the past.</source>
        <translation>Wählen Sie einen Zeitpunkt in der Vergangenheit.</translation>
    </message>
</context>
<context>
    <name>SinkDialog</name>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Used by %1.</source>
        <translation>Benutzt von %1.</translation>
    </message>
</context>
<context>
    <name>SinkReaderDialog</name>
    <message>
        <source>Choose</source>
        <translation>Auswahl</translation>
    </message>
    <message>
        <source>Used by %1, too: what you change here counts there as well.</source>
        <translation>Auch von %1 benutzt: Was Sie hier ändern, gilt auch dort.</translation>
    </message>
    <message>
        <source>“%1” hands the files of this topic on there already. Choose another one, or a new one.</source>
        <translation>„%1“ gibt die Dateien dieses Topics schon dorthin weiter. Wählen Sie ein anderes Ziel oder ein neues.</translation>
    </message>
</context>
<context>
    <name>StagedTestView</name>
    <message>
        <source>Test again</source>
        <translation>Erneut testen</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Testen</translation>
    </message>
    <message>
        <source>Changed since the test</source>
        <translation>Seit dem Test geändert</translation>
    </message>
    <message>
        <source>Test again to be sure.</source>
        <translation>Testen Sie sicherheitshalber erneut.</translation>
    </message>
    <message>
        <source>Not tested yet</source>
        <translation>Noch nicht getestet</translation>
    </message>
    <message>
        <source>Step %1 of %2: %3</source>
        <translation>Schritt %1 von %2: %3</translation>
    </message>
    <message>
        <source>Testing…</source>
        <translation>Wird getestet…</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>The test was stopped</source>
        <translation>Der Test wurde abgebrochen</translation>
    </message>
    <message>
        <source>Nothing was changed.</source>
        <translation>Es wurde nichts geändert.</translation>
    </message>
    <message>
        <source>Step %1 of %2 failed: %3</source>
        <translation>Schritt %1 von %2 ist gescheitert: %3</translation>
    </message>
    <message>
        <source>The test could not be run</source>
        <translation>Der Test konnte nicht ausgeführt werden</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Shows the reason</source>
        <translation>Zeigt den Grund</translation>
    </message>
    <message>
        <source>No place for an icon</source>
        <translation>Kein Symbol</translation>
    </message>
    <message>
        <source>This desktop shows no icons of programs. While the window is closed nothing can be seen of this program.</source>
        <translation>Dieser Desktop zeigt keine Symbole von Programmen an. Solange das Fenster geschlossen ist, ist von diesem Programm nichts zu sehen.</translation>
    </message>
    <message>
        <source>No connection yet</source>
        <translation>Noch keine Verbindung</translation>
    </message>
    <message>
        <source>%1 offline</source>
        <translation>%1 offline</translation>
    </message>
    <message>
        <source>%1 online</source>
        <translation>%1 online</translation>
    </message>
</context>
<context>
    <name>StepList</name>
    <message>
        <source>Step %1 of %2: %3</source>
        <translation>Schritt %1 von %2: %3</translation>
    </message>
</context>
<context>
    <name>StoragePage</name>
    <message>
        <source>Storage</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>What this program keeps</source>
        <translation>Was dieses Programm aufbewahrt</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Journal</source>
        <translation>Journal</translation>
    </message>
    <message>
        <source>The journal knows what was sent and received. Do not delete it: files would be sent again. It is on this computer only, never on a network drive.</source>
        <translation>Das Journal weiß, was gesendet und empfangen wurde. Löschen Sie es nicht: Dateien würden noch einmal gesendet. Es liegt nur auf diesem Computer, nie auf einem Netzlaufwerk.</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Room</source>
        <translation>Platz</translation>
    </message>
    <message>
        <source>Files on their way</source>
        <translation>Dateien unterwegs</translation>
    </message>
    <message>
        <source>Logs</source>
        <translation>Protokolle</translation>
    </message>
    <message>
        <source>Free on this disk</source>
        <translation>Frei auf diesem Laufwerk</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Open the folder of: %1</source>
        <translation>Ordner öffnen: %1</translation>
    </message>
</context>
<context>
    <name>TaskCard</name>
    <message>
        <source>the whole task</source>
        <translation>die ganze Aufgabe</translation>
    </message>
    <message>
        <source>Next try %1</source>
        <translation>Nächster Versuch %1</translation>
    </message>
    <message>
        <source>Edit “%1”…</source>
        <translation>„%1“ bearbeiten …</translation>
    </message>
</context>
<context>
    <name>TaskDialog</name>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Topic</source>
        <translation>Topic</translation>
    </message>
    <message>
        <source>There is a task “%1” already. Choose another name.</source>
        <translation>Es gibt schon eine Aufgabe „%1“. Wählen Sie einen anderen Namen.</translation>
    </message>
</context>
<context>
    <name>TaskList</name>
    <message>
        <source>Tasks</source>
        <translation>Aufgaben</translation>
    </message>
</context>
<context>
    <name>TaskMenu</name>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Edit…</source>
        <translation>Bearbeiten…</translation>
    </message>
    <message>
        <source>Duplicate…</source>
        <translation>Duplizieren…</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>Entfernen…</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Rescan now</source>
        <translation>Jetzt erneut durchsehen</translation>
    </message>
</context>
<context>
    <name>TaskModel</name>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
</context>
<context>
    <name>TechnicalDetails</name>
    <message>
        <source>Technical details of %1</source>
        <translation>Technische Einzelheiten von %1</translation>
    </message>
    <message>
        <source>Technical details</source>
        <translation>Technische Einzelheiten</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
</context>
<context>
    <name>Toolbar</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>First steps…</source>
        <translation>Erste Schritte…</translation>
    </message>
    <message>
        <source>Help and support…</source>
        <translation>Hilfe und Support…</translation>
    </message>
    <message>
        <source>Find a file by name, path or hash</source>
        <translation>Name, Pfad oder Prüfsumme</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Leeren</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Resume all</source>
        <translation>Alle fortsetzen</translation>
    </message>
    <message>
        <source>%1…</source>
        <translation>%1…</translation>
    </message>
    <message>
        <source>All paused</source>
        <translation>Alle pausiert</translation>
    </message>
    <message>
        <source>Pause all</source>
        <translation>Alle pausieren</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Drop files</source>
        <translation>Dateien ablegen</translation>
    </message>
</context>
<context>
    <name>TopicPicker</name>
    <message>
        <source>name of a topic</source>
        <translation>Name eines Topics</translation>
    </message>
    <message>
        <source>You may not list topics here: type the name, it will be checked.</source>
        <translation>Sie dürfen Topics hier nicht auflisten: Geben Sie den Namen ein, er wird geprüft.</translation>
    </message>
    <message numerus="yes">
        <source>Show %n system topic(s)</source>
        <translation>
            <numerusform>%n System-Topic anzeigen</numerusform>
            <numerusform>%n System-Topics anzeigen</numerusform>
        </translation>
    </message>
    <message>
        <source>looking at the topic…</source>
        <translation>Topic wird angesehen…</translation>
    </message>
</context>
<context>
    <name>TransferDialog</name>
    <message>
        <source>Send on to S3</source>
        <translation>An S3 weitersenden</translation>
    </message>
    <message>
        <source>Change what goes into the bucket</source>
        <translation>Ändern, was in den Bucket geht</translation>
    </message>
    <message>
        <source>Start sending on</source>
        <translation>Weitersenden beginnen</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>New bucket</source>
        <translation>Neuer Bucket</translation>
    </message>
    <message>
        <source>Technical details: comparing, addresses, several computers</source>
        <translation>Technische Einzelheiten: Vergleichen, Adressen, mehrere Computer</translation>
    </message>
    <message>
        <source>More: only some files, receipts</source>
        <translation>Mehr: nur manche Dateien, Quittungen</translation>
    </message>
    <message>
        <source>Into which bucket</source>
        <translation>In welchen Bucket</translation>
    </message>
    <message>
        <source>With another bucket, group or first topic this task begins anew: it no longer knows which files are stored. Objects that are identical already are not sent again.</source>
        <translation>Mit einem anderen Bucket, einer anderen Gruppe oder einem anderen ersten Topic beginnt diese Aufgabe von vorn: Sie weiß nicht mehr, welche Dateien abgelegt sind. Objekte, die schon gleich sind, werden nicht noch einmal gesendet.</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>Open OpenMSI Desktop</source>
        <translation>OpenMSI Desktop öffnen</translation>
    </message>
    <message>
        <source>Drop files…</source>
        <translation>Dateien ablegen…</translation>
    </message>
    <message>
        <source>Problems (%1)…</source>
        <translation>Probleme (%1)…</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Einstellungen…</translation>
    </message>
    <message>
        <source>Help…</source>
        <translation>Hilfe…</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Resume (paused until %1)</source>
        <translation>Fortsetzen (pausiert bis %1)</translation>
    </message>
    <message>
        <source>Tasks</source>
        <translation>Aufgaben</translation>
    </message>
    <message>
        <source>%1 – %2</source>
        <translation>%1 – %2</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Anzeigen</translation>
    </message>
    <message>
        <source>Recent files</source>
        <translation>Letzte Dateien</translation>
    </message>
    <message>
        <source>%1 – %2 %3</source>
        <translation>%1 – %2 %3</translation>
    </message>
    <message>
        <source>No files yet</source>
        <translation>Noch keine Dateien</translation>
    </message>
    <message>
        <source>Wake notifications (quiet until %1)</source>
        <translation>Meldungen wieder anzeigen (stumm bis %1)</translation>
    </message>
    <message>
        <source>Snooze notifications</source>
        <translation>Meldungen stummschalten</translation>
    </message>
    <message>
        <source>30 minutes</source>
        <translation>30 Minuten</translation>
    </message>
    <message>
        <source>1 hour</source>
        <translation>1 Stunde</translation>
    </message>
    <message>
        <source>8 hours</source>
        <translation>8 Stunden</translation>
    </message>
</context>
<context>
    <name>TrialView</name>
    <message>
        <source>Choose a file to try it on</source>
        <translation>Eine Datei zum Ausprobieren wählen</translation>
    </message>
    <message>
        <source>a file such as the instrument writes</source>
        <translation>eine Datei, wie das Gerät sie schreibt</translation>
    </message>
    <message>
        <source>File to try it on</source>
        <translation>Datei zum Ausprobieren</translation>
    </message>
    <message>
        <source>Try it on</source>
        <translation>Ausprobieren an</translation>
    </message>
    <message>
        <source>What it printed</source>
        <translation>Was ausgegeben wurde</translation>
    </message>
    <message>
        <source>Which file?</source>
        <translation>Welche Datei?</translation>
    </message>
    <message>
        <source>Choose a file below. It is copied first, and nothing is sent anywhere.</source>
        <translation>Wählen Sie darunter eine Datei. Sie wird erst kopiert, und nirgendwohin wird etwas gesendet.</translation>
    </message>
    <message>
        <source>It runs…</source>
        <translation>Es läuft …</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Try it</source>
        <translation>Ausprobieren</translation>
    </message>
    <message>
        <source>Not tried yet</source>
        <translation>Noch nicht ausprobiert</translation>
    </message>
    <message>
        <source>Try it on a file and see what it prints and leaves. Nothing is sent.</source>
        <translation>An einer Datei ausprobieren und sehen, was ausgegeben wird und zurückbleibt. Nichts wird gesendet.</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>It was stopped</source>
        <translation>Es wurde angehalten</translation>
    </message>
    <message>
        <source>Nothing was sent.</source>
        <translation>Nichts wurde gesendet.</translation>
    </message>
    <message>
        <source>It works with this file</source>
        <translation>Es funktioniert mit dieser Datei</translation>
    </message>
    <message>
        <source>It left no result.</source>
        <translation>Es blieb kein Ergebnis zurück.</translation>
    </message>
    <message>
        <source>It printed nothing and left no result.</source>
        <translation>Es wurde nichts ausgegeben, und es blieb kein Ergebnis zurück.</translation>
    </message>
    <message numerus="yes">
        <source>%n result(s): choose a topic for results if they are to be sent.</source>
        <translation>
            <numerusform>%n Ergebnis: Wählen Sie ein Topic für Ergebnisse, wenn es gesendet werden soll.</numerusform>
            <numerusform>%n Ergebnisse: Wählen Sie ein Topic für Ergebnisse, wenn sie gesendet werden sollen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n result(s) would go to the topic for results.</source>
        <translation>
            <numerusform>%n Ergebnis ginge an das Topic für Ergebnisse.</numerusform>
            <numerusform>%n Ergebnisse gingen an das Topic für Ergebnisse.</numerusform>
        </translation>
    </message>
    <message>
        <source>File %1 · %2</source>
        <translation>Datei %1 · %2</translation>
    </message>
    <message>
        <source>Message %1</source>
        <translation>Nachricht %1</translation>
    </message>
    <message>
        <source>File %1 · stays here</source>
        <translation>Datei %1 · bleibt hier</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>und %n weiteres</numerusform>
            <numerusform>und %n weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>It could not be tried</source>
        <translation>Es konnte nicht ausprobiert werden</translation>
    </message>
</context>
<context>
    <name>UnitEdit</name>
    <message>
        <source>Unit</source>
        <translation>Einheit</translation>
    </message>
</context>
<context>
    <name>WatchDialog</name>
    <message>
        <source>Send a folder</source>
        <translation>Ordner senden</translation>
    </message>
    <message>
        <source>Change what is sent</source>
        <translation>Ändern, was gesendet wird</translation>
    </message>
    <message>
        <source>Start sending</source>
        <translation>Senden starten</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Choose the folder to send</source>
        <translation>Ordner wählen, der gesendet wird</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>To</source>
        <translation>An</translation>
    </message>
    <message>
        <source>Only new and changed files from now on</source>
        <translation>Ab jetzt nur neue und geänderte Dateien</translation>
    </message>
    <message>
        <source>Files already there</source>
        <translation>Schon vorhandene Dateien</translation>
    </message>
    <message>
        <source>More: speed, timetable, checking, receipts, folder on the topic</source>
        <translation>Mehr: Geschwindigkeit, Zeitplan, Prüfen, Quittungen, Ordner im Topic</translation>
    </message>
    <message>
        <source>looking…</source>
        <translation>wird angesehen…</translation>
    </message>
    <message>
        <source>“%1” sends files of this folder, too</source>
        <translation>„%1“ sendet auch Dateien dieses Ordners</translation>
    </message>
    <message>
        <source>network share</source>
        <translation>Netzwerkfreigabe</translation>
    </message>
    <message>
        <source>local disk</source>
        <translation>lokales Laufwerk</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n Datei</numerusform>
            <numerusform>%n Dateien</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Send the %n file(s) now</source>
        <translation>
            <numerusform>%n Datei jetzt senden</numerusform>
            <numerusform>Die %n Dateien jetzt senden</numerusform>
        </translation>
    </message>
    <message>
        <source>Send them now</source>
        <translation>Jetzt senden</translation>
    </message>
    <message>
        <source>With another folder, topic or folder on the topic this task begins anew: it no longer knows which files were sent.</source>
        <translation>Mit einem anderen Ordner, Topic oder Ordner im Topic beginnt diese Aufgabe von vorn: Sie weiß nicht mehr, welche Dateien gesendet wurden.</translation>
    </message>
    <message>
        <source>Choose the folder whose files are to be sent.</source>
        <translation>Wählen Sie den Ordner, dessen Dateien gesendet werden sollen.</translation>
    </message>
    <message>
        <source>“%1” sends this folder to the same topic already. Choose another folder or topic.</source>
        <translation>„%1“ sendet diesen Ordner schon an dasselbe Topic. Wählen Sie einen anderen Ordner oder ein anderes Topic.</translation>
    </message>
    <message>
        <source>“%1” writes files of this topic into this folder: they would go round in circles. Choose another folder or topic.</source>
        <translation>„%1“ schreibt Dateien dieses Topics in diesen Ordner: Sie liefen im Kreis. Wählen Sie einen anderen Ordner oder ein anderes Topic.</translation>
    </message>
    <message>
        <source>Choose a connection, or make a new one.</source>
        <translation>Wählen Sie eine Verbindung, oder legen Sie eine neue an.</translation>
    </message>
    <message>
        <source>Choose the topic that the files go to, or type its name.</source>
        <translation>Wählen Sie das Topic, an das die Dateien gehen, oder geben Sie seinen Namen ein.</translation>
    </message>
</context>
<context>
    <name>WelcomePage</name>
    <message>
        <source>Bring your data to the lab&apos;s stream</source>
        <translation>Bringen Sie Ihre Daten in den Strom des Labors</translation>
    </message>
    <message>
        <source>A few questions, then a small test file shows that it works. Nothing is sent before you say so.</source>
        <translation>Ein paar Fragen, dann zeigt eine kleine Testdatei, dass es funktioniert. Es wird nichts gesendet, bevor Sie es sagen.</translation>
    </message>
    <message>
        <source>Set up by hand</source>
        <translation>Von Hand einrichten</translation>
    </message>
    <message>
        <source>You know your lab&apos;s Kafka server, or can ask</source>
        <translation>Sie kennen den Kafka-Server Ihres Labors oder können fragen</translation>
    </message>
    <message>
        <source>Try it without a server</source>
        <translation>Ohne Server ausprobieren</translation>
    </message>
    <message>
        <source>A practice window with a pretend instrument</source>
        <translation>Ein Übungsfenster mit einem erfundenen Gerät</translation>
    </message>
</context>
<context>
    <name>Where</name>
    <message>
        <source>Connection</source>
        <translation>Verbindung</translation>
    </message>
    <message>
        <source>Topic</source>
        <translation>Topic</translation>
    </message>
    <message>
        <source>topic</source>
        <translation>Topic</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keiner</translation>
    </message>
    <message>
        <source>To</source>
        <translation>An</translation>
    </message>
    <message>
        <source>Sub-folder</source>
        <translation>Unterordner</translation>
    </message>
    <message>
        <source>Add a connection first: choose “Add a connection…” in the list.</source>
        <translation>Fügen Sie zuerst eine Verbindung hinzu: Wählen Sie in der Liste „Verbindung hinzufügen…“.</translation>
    </message>
    <message>
        <source>Type the topic that the files go to.</source>
        <translation>Geben Sie das Topic ein, an das die Dateien gehen.</translation>
    </message>
    <message>
        <source>A topic has letters, digits, “.”, “_” and “-” only.</source>
        <translation>Ein Topic besteht nur aus Buchstaben ohne Umlaute, Ziffern, „.“, „_“ und „-“.</translation>
    </message>
    <message>
        <source>Type a plain name, such as anna or 2026-05/anna.</source>
        <translation>Geben Sie einen einfachen Namen ein, zum Beispiel anna oder 2026-05/anna.</translation>
    </message>
    <message>
        <source>no connection yet</source>
        <translation>noch keine Verbindung</translation>
    </message>
    <message>
        <source>Add a connection…</source>
        <translation>Verbindung hinzufügen…</translation>
    </message>
</context>
<context>
    <name>WhichFiles</name>
    <message>
        <source>Only</source>
        <translation>Nur</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>Auslassen</translation>
    </message>
    <message>
        <source>all files</source>
        <translation>alle Dateien</translation>
    </message>
    <message>
        <source>Skip temporary and system files</source>
        <translation>Temporäre und Systemdateien auslassen</translation>
    </message>
    <message>
        <source>Include sub-folders</source>
        <translation>Unterordner einschließen</translation>
    </message>
    <message>
        <source>any age</source>
        <translation>jedes Alter</translation>
    </message>
    <message>
        <source>Newer than</source>
        <translation>Neuer als</translation>
    </message>
    <message>
        <source>A date such as 2026-11-21, or an age such as 30 d.</source>
        <translation>Ein Datum wie 2026-11-21, oder ein Alter wie 30 d.</translation>
    </message>
    <message>
        <source>any size</source>
        <translation>jede Größe</translation>
    </message>
    <message>
        <source>At least</source>
        <translation>Mindestens</translation>
    </message>
    <message>
        <source>At most</source>
        <translation>Höchstens</translation>
    </message>
    <message>
        <source>Age and size</source>
        <translation>Alter und Größe</translation>
    </message>
    <message>
        <source>Which files</source>
        <translation>Welche Dateien</translation>
    </message>
    <message>
        <source>Write a date such as 2026-11-21, or an age such as 30 d, or leave it empty.</source>
        <translation>Schreiben Sie ein Datum wie 2026-11-21 oder ein Alter wie 30 d, oder lassen Sie das Feld leer.</translation>
    </message>
    <message>
        <source>This is less than “At least”, so no file would be sent. Make it bigger.</source>
        <translation>Das ist weniger als „Mindestens“, deshalb würde keine Datei gesendet. Geben Sie mehr ein.</translation>
    </message>
</context>
<context>
    <name>WishPage</name>
    <message>
        <source>What should this computer do?</source>
        <translation>Was soll dieser Computer tun?</translation>
    </message>
    <message>
        <source>You can add more later.</source>
        <translation>Später lässt sich mehr hinzufügen.</translation>
    </message>
    <message>
        <source>Send a folder</source>
        <translation>Ordner senden</translation>
    </message>
    <message>
        <source>Every finished file in it goes to a topic</source>
        <translation>Jede fertige Datei darin geht an ein Topic</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>The files of a topic come into a folder</source>
        <translation>Die Dateien eines Topics kommen in einen Ordner</translation>
    </message>
    <message>
        <source>Send on to S3</source>
        <translation>An S3 weitersenden</translation>
    </message>
    <message>
        <source>The files of a topic go into a bucket</source>
        <translation>Die Dateien eines Topics kommen in einen Bucket</translation>
    </message>
    <message>
        <source>Just drop files</source>
        <translation>Nur Dateien ablegen</translation>
    </message>
    <message>
        <source>Single files or folders, by hand</source>
        <translation>Einzelne Dateien oder Ordner, von Hand</translation>
    </message>
</context>
<context>
    <name>_Line</name>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>Port</translation>
    </message>
    <message>
        <source>Remove this server</source>
        <translation>Diesen Server entfernen</translation>
    </message>
    <message>
        <source>Add another server</source>
        <translation>Weiteren Server hinzufügen</translation>
    </message>
</context>
<context>
    <name>_PeriodRow</name>
    <message>
        <source>From</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>To</source>
        <translation>Bis</translation>
    </message>
    <message>
        <source>no limit</source>
        <translation>keine Grenze</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Tempo</translation>
    </message>
    <message>
        <source>Remove this time</source>
        <translation>Diese Zeit entfernen</translation>
    </message>
</context>
</TS>
