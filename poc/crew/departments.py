"""What POC calls a department that a list names in English, French, German or Spanish."""

import re

from poc.crew.phones import fold

KNOWN: dict[str, str] = {
    "Producers": "producer; producteur; produzent; produzentin; productor; executive producer",
    "Director": "director; directing; direction; realisation; realisateur; mise en scene; "
    "regie; regisseur; direccion; realizacion",
    "Writers": "writer; writing; screenplay; story; scenario; scenariste; drehbuch; autor; "
    "guion; guionista",
    "Production": "production; production office; office; produktion; produktionsburo; "
    "produktionsleitung; herstellungsleitung; produccion; oficina; bureau; unit production; upm",
    "Accounting": "accounting; account; accountant; accountancy; finance; payroll; "
    "comptabilite; administration; buchhaltung; filmgeschaftsfuhrung; contabilidad; "
    "administracion",
    "Assistant Directors": "assistant director; ad; ads; assistant direction; 1st ad; ad team; "
    "floor; assistant realisateur; assistants a realisation; assistants mise en scene; "
    "regieassistenz; ayudante direccion; asistente direccion; equipo direccion",
    "Casting": "casting; extras casting; background casting; besetzungsburo",
    "Script": "script; script supervisor; script supervision; continuity; scripte; continuite; "
    "continuidad; script continuity",
    "Camera": "camera; cinematography; photography; image; prise vue; kamera; bild; camara; "
    "fotografia; dit; video assist",
    "Sound": "sound; production sound; audio; son; prise son; ton; sonido",
    "Electric": "electric; electrical; electrician; electrics; lighting; set lighting; lx; "
    "sparks; grip electric; electric grip; g e; lighting grip; grip lighting; electricite; "
    "electricien; electro; lumiere; eclairage; licht; beleuchtung; electrico; electricidad; "
    "electricista; iluminacion; luces; luz",
    "Grip": "grip; key grip; machinerie; machiniste; machino; buhne; kamerabuhne; maquinista; "
    "maquinaria",
    "Rigging": "rigging; rigging grip; rigging electric; rigging grip electric; rigging g e; "
    "rigger",
    "Art": "art; art direction; production design; design; artistique; decor; decoration "
    "artistique; direction artistique; décoration; szenenbild; ausstattung; kunst; arte; "
    "direccion arte; escenografia; diseno produccion",
    "Set Decoration": "set decoration; set dec; set decorating; set decorator; set dressing; "
    "decoration; dressing; set dresser; ensemblier; innenrequisite; decoracion; ambientacion",
    "Property": "property; properties; prop; props; property master; accessoire; accessoiriste; "
    "requisite; requisiten; aussenrequisite; utileria; atrezo; atrezzo; attrezzo",
    "Construction": "construction; construction paint; carpentry; paint; scenic; greens; "
    "construction decor; baubuhne; dekobau; construccion",
    "Costume": "costume; costume design; costume wardrobe; wardrobe; wardrobe costume; "
    "habillage; kostum; kostumbild; garderobe; vestuario",
    "Hair": "hair; hairdressing; hairstyling; coiffure; coiffeur; frisur; peluqueria",
    "Make-up": "make up; makeup; mu; hmu; hair make up; hair makeup; make up hair; makeup hair; "
    "vanities; special effects make up; sfx make up; maquillage; maquillage coiffure; coiffure "
    "maquillage; maskenbild; maske; maquillaje; maquillaje peluqueria; peluqueria maquillaje; "
    "caracterizacion",
    "Special Effects": "special effect; sfx; spfx; fx; physical effect; effet special; "
    "spezialeffekt; spezialeffekte; efecto especial; efectos especiales; effets speciaux",
    "Stunts": "stunt; stunt coordination; cascade; cascadeur; especialista; dobles riesgo",
    "Visual Effects": "visual effect; vfx; digital effect; effets visuels; visuelle effekte; "
    "efectos visuales",
    "Locations": "location; location management; régie; repérage; reperage; lieu; lieux; "
    "motive; motivaufnahmeleitung; localizacion; localizaciones; locacion; locaciones",
    "Transport": "transport; transportation; driver; picture car; vehicle; chauffeur; fahrer; "
    "fuhrpark; transporte; conductor; conductores; chofer; choferes",
    "Catering": "catering; caterer; cantine; traiteur; verpflegung; alimentacion",
    "Craft Service": "craft service; crafty; craft",
    "Medic and Safety": "medic safety; medic; medical; medical safety; safety; health safety; "
    "health; hs; h s; first aid; covid; set medic; medecin; secours; premiers secours; "
    "sanitater; erste hilfe; arbeitsschutz; medico; enfermeria; salud; primeros auxilios; "
    "prevencion riesgos laborales",
    "Security": "security; fire; security fire; fire safety; securite; gardiennage; sicherheit; "
    "bewachung; seguridad; vigilancia",
    "Animals": "animal; animal wrangler; wrangler; wranglers; animaux; tier; tiere; "
    "tiertrainer; animales",
    "Minors": "minor; teacher; studio teacher; tutor; chaperone; children; enfant; kinder; "
    "kinderbetreuung; menor; menores",
    "Playback": "playback; video playback; video; screen graphics; vtr",
    "Publicity": "publicity; epk; stills; unit publicity; unit still; marketing; presse; "
    "promotion; offentlichkeitsarbeit; prensa; publicidad; foto fija",
    "Legal": "legal; business affairs; legal insurance; insurance; juridique; recht; "
    "rechtsabteilung; juridico",
    "Post": "post; post production; postproduction; editorial; editing; edit; editor; music; "
    "montage; postproduktion; schnitt; postproduccion; montaje; edicion",
    "Studio": "studio; network; distributor; broadcaster; bond; completion bond; chaine; sender",
    "Vendors": "vendor; supplier; fournisseur; lieferant; lieferanten; proveedor; proveedores",
    "Cast": "cast; cast member; talent; actor; actress; performer; comedien; acteur; "
    "interprete; distribution artistique; schauspiel; schauspieler; darsteller; besetzung; "
    "reparto; elenco; actores",
}
NAMES = {text: name for name, texts in KNOWN.items() for text in texts.split("; ")}
FILLING = {
    "department", "dept", "dep", "departement", "abteilung", "departamento", "depto", "dpto",
    "team", "equipe", "equipo", "crew", "unit", "the", "of", "and", "de", "du", "des", "d", "la",
    "le", "les", "l", "del", "los", "las", "el", "der", "die", "das", "et", "und", "y", "e",
}  # fmt: skip
LONGEST = 80


def department(text: str) -> str:
    """POC's name for a department; a name POC does not know stays as it was typed."""
    return known(text) or text


def known(text: str) -> str:
    """POC's name for a department, or nothing."""
    if len(text) > LONGEST:
        return ""
    plain = fold(re.sub(r"\(.*?\)|[.'’]", "", text)).replace("abteilung", " ")
    words = re.findall(r"[^\W_]+", plain)
    bare = [word for word in words if word not in FILLING] or words
    singular = [word.removesuffix("s") for word in bare]
    tries = (text.strip().casefold(), *map(" ".join, (words, bare, singular)))
    return next((NAMES[one] for one in tries if one in NAMES), "")
